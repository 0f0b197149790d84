"""Letters to a requester, what may be charged, and the public file of denials."""

from exports.letters._fees import FEES_FILE, FeeLine, Fees, Quantities, load_fees, shipped_fees
from exports.letters._invoices import Bill, bills, money, record_bill
from exports.letters._kept import Denial, Letter, denials, keep_letter, letters
from exports.letters._pdf import letter_pdf
from exports.letters._templates import (
    KINDS,
    OWN_FILE,
    Kind,
    Templates,
    load_templates,
    wording_of,
)
from exports.letters._values import Said, values_of
from exports.letters._write import draft

__all__ = [
    "FEES_FILE",
    "KINDS",
    "OWN_FILE",
    "Bill",
    "Denial",
    "FeeLine",
    "Fees",
    "Kind",
    "Letter",
    "Quantities",
    "Said",
    "Templates",
    "bills",
    "denials",
    "draft",
    "keep_letter",
    "letter_pdf",
    "letters",
    "load_fees",
    "load_templates",
    "money",
    "record_bill",
    "shipped_fees",
    "values_of",
    "wording_of",
]
