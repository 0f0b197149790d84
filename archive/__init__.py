"""The archive: one append-only log of everything, its proofs, its keys, and the vault.

Content and decisions are entries of one log. An entry's header is public for ever; its sealed half
is encrypted under its subject's own key, so that a disposal can destroy it while every proof still
holds. Current state is computed from the log by projections.

Modules that are public as such: `accounts`, `actors`, `checkpoints`, `cosignatures`, `errors`,
`evidence`, `faults`, `keys`, `merkle`, `notes`, `records`, `restrictions`, `times`, `timestamps`.
"""

from archive import (
    accounts,
    actors,
    checkpoints,
    cosignatures,
    errors,
    evidence,
    faults,
    keys,
    merkle,
    notes,
    records,
    restrictions,
    times,
    timestamps,
)
from archive._addition import Batch
from archive._archive import Archive
from archive._backup import Backup, backup, check_backup
from archive._blobs import BlobRef
from archive._canonical import JSON
from archive._canonical import dumps as canonical_json
from archive._config import Config
from archive._entry import CAPTURE_TYPES, Draft, Entry, Signer, new_id
from archive._export_all import WholeExport, export_all
from archive._handed_over import Handed, HandedOver, hand_over
from archive._import_all import to_backup
from archive._keycopy import KeyCopy, read_copy, restore_keys, write_copy
from archive._keyfiles import Passphrase
from archive._keystate import KeyState, key_states
from archive._log import Head, Reader, Writer
from archive._packing import Packer
from archive._parts import (
    Disclosure,
    HiddenPart,
    Parts,
    Sealed,
    ShownPart,
    commitment_of,
    part_digest,
)
from archive._projection import Event, Projection
from archive._restore import PutKeys, Restoration, keys_of, restoring
from archive._rotation import (
    VaultRotation,
    protect,
    rotate_log,
    rotate_vault,
    vault_rotation_under_way,
)
from archive._static import Exported, export_tiles
from archive._store import chunked, insert_rows, rows_among, translated
from archive._swap import finish_interrupted
from archive._turn import Patience, Tell
from archive._vault import Erased
from archive._verify import Finding, Report, verify
from archive._words import SPLIT, split_text
from archive.errors import (
    KeyProblem,
    MunimentError,
    NewerArchive,
    NotAnArchive,
    NotFound,
    Refused,
    SourceError,
    StorageError,
    UsageError,
    VerificationError,
)
from archive.records import Record

__all__ = [
    "CAPTURE_TYPES",
    "JSON",
    "SPLIT",
    "Archive",
    "Backup",
    "Batch",
    "BlobRef",
    "Config",
    "Disclosure",
    "Draft",
    "Entry",
    "Erased",
    "Event",
    "Exported",
    "Finding",
    "Handed",
    "HandedOver",
    "Head",
    "HiddenPart",
    "KeyCopy",
    "KeyProblem",
    "KeyState",
    "MunimentError",
    "NewerArchive",
    "NotAnArchive",
    "NotFound",
    "Packer",
    "Parts",
    "Passphrase",
    "Patience",
    "Projection",
    "PutKeys",
    "Reader",
    "Record",
    "Refused",
    "Report",
    "Restoration",
    "Sealed",
    "ShownPart",
    "Signer",
    "SourceError",
    "StorageError",
    "Tell",
    "UsageError",
    "VaultRotation",
    "VerificationError",
    "WholeExport",
    "Writer",
    "accounts",
    "actors",
    "backup",
    "canonical_json",
    "check_backup",
    "checkpoints",
    "chunked",
    "commitment_of",
    "cosignatures",
    "errors",
    "evidence",
    "export_all",
    "export_tiles",
    "faults",
    "finish_interrupted",
    "hand_over",
    "insert_rows",
    "key_states",
    "keys",
    "keys_of",
    "merkle",
    "new_id",
    "notes",
    "part_digest",
    "protect",
    "read_copy",
    "records",
    "restore_keys",
    "restoring",
    "restrictions",
    "rotate_log",
    "rotate_vault",
    "rows_among",
    "split_text",
    "times",
    "timestamps",
    "to_backup",
    "translated",
    "vault_rotation_under_way",
    "verify",
    "write_copy",
]
