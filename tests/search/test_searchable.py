"""Everything that people write can be searched for, each thing as it is written."""

import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import QueryError, parse
from search._engine import Engine
from search._engines import engine_class
from search._snippets import Highlighter
from tests.search.test_engines import document

THINGS = {
    # what it is: a text with it, queries that find it, queries that do not
    "emoji": ("Thanks 🎉👩🏽‍🚒!", ["🎉", "👩", "🚒", "👩🏽‍🚒", "exact:🎉"], ["🔥"]),
    "flag": ("Gooo 🇺🇸🇨🇦", ["🇺🇸", "🇨🇦"], ["🇸🇨"]),
    "hashtag": (
        "Vote #Yes_On_2!",
        ["#yes_on_2", "tag:YES_on_2", "tag:#yes_on_2", "tag:yes*", "yes", "exact:#Yes_On_2"],
        ["#yes", "tag:vote", "tag:yes_on", "@yes_on_2"],
    ),
    "hashtag with an accent": ("#Café", ["#cafe", "tag:café", "cafe"], ["tag:caf"]),
    "handle": (
        "ask @Jane.Doe@library.example",
        ["@jane.doe", '"jane doe"', "@jane*", "@jane.doe@library.example"],
        ["@jane", "#jane.doe", "@jane.doe@town.example"],
    ),
    "web address": (
        "at https://town.example/news?id=5&all=1#top.",
        ["https://town.example/news?id=5&all=1#top", "town.example", "town.example/news", "news"],
        ["https://town.example/news?id=6", "https://news.example"],
    ),
    "mail address": (
        "to jane.roe+list@town.example",
        ["jane.roe+list@town.example", '"jane.roe+list@town.example"', "town.example", "roe"],
        ["jane.roe@town.example", "town.list"],
    ),
    "telephone number": (
        "call (312) 555-0142 now",
        ["312-555-0142", "(312) 555-0142", "3125550142", "+1 312 555 0142".replace(" ", "-"),
         '"312 555 0142"', "312.555.0142", "exact:312-555-0142", "312 555 0142"],
        ["312-555-0143", "5550142"],
    ),
    "telephone number in one piece": (
        "text 3125550142", ["(312) 555-0142", "312 555 0142", "+1 312-555-0142"], ["555-0142"],
    ),
    "telephone number of another country": (
        "ring +44 20 7946 0958", ["+442079460958", "+44 20 7946 0958", '"+44 20 7946 0958"'],
        ["+44 20 7946 0959"],
    ),
    "hashtag with more behind it": (
        "#budget,parking", ["#budget", "#budget,parking"], ["#budget,road", "#parking"],
    ),
    "number with punctuation": (
        "It cost $1,250.75 (12.5%) on 03/04/2025",
        ["$1,250.75", "12.5%", "03/04/2025", "1,250.75", '"12.5"'],
        ["1250.75", "12.75", "04/03/2025"],
    ),
    "Chinese and Japanese": (
        "図書館は月曜日に休みです", ["図書館", "書館", "月曜日", "exact:図書館"], ["図館"],
    ),
    "Korean": ("도서관이 문을 닫았다", ["도서관", "도서"], ["관도"]),
    "Thai": ("ห้องสมุดปิดวันจันทร์", ["ห้องสมุด"], ["สมุดห้อง"]),
    "Russian and Greek": ("Библиотека и ΒΙΒΛΙΟΘΉΚΗ", ["библиотека", "βιβλιοθηκη"], ["библиотек"]),
    "Arabic and Hindi": ("المكتبة مغلقة पुस्तकालय", ["المكتبة", "पुस्तकालय"], ["مكتبة"]),
    "accents": ("Señora Müller à l’école", ["senora", "MÜLLER", "ecole", '"l\'école"'], ["seora"]),
    "accents in another form": ("cafe\u0301 nai\u0308ve", ["café", "naïve"], ["caf"]),
    "very long word": ("x" + "ha" * 900, ["x" + "ha" * 900, "xhaha*"], ["x" + "ha" * 901]),
    "one letter": ("Plan B, vitamin C", ['"plan b"', "c", "b AND c"], ["d", "vitamin AND NOT c"]),
    "contraction": ("They won't open", ["won't", "won’t", "exact:won't"], ["wont"]),
    "hyphen": ("the drive-through", ['"drive through"', "drive-through"], ["drivethrough"]),
    "inflected form": ("The libraries reopened", ["library", "reopening"], ["librarian"]),
    "exact form": (
        "The libraries reopened early",
        ["exact:libraries", "exact:LIBRARIES", 'exact:"the libraries reopened"', "exact:reopen*",
         'exact:"libraries early"~2', "exact:(libraries AND early)"],
        ["exact:library", 'exact:"library reopened"', 'exact:"libraries reopening"',
         'exact:"libraries early"', "exact:reopening"],
    ),
    "end of a word": ("A bookmobile", ["*mobile", "?ookmobile", "*kmob*"], ["*mobiles"]),
    "anything in capitals": ("STOP THE CLOSURE", ["stop", "closures", 'exact:"stop the"'], ["top"]),
}  # fmt: skip


@pytest.fixture(scope="module", params=["tantivy", "whoosh"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    opened = engine_class(request.param)(tmp_path_factory.mktemp(request.param))
    opened.apply((), [document(seq, text) for seq, (text, _, _) in enumerate(THINGS.values())])
    opened.settle()
    return opened


@pytest.mark.parametrize("thing", THINGS)
def test_it_is_found_as_it_is_written(thing: str, engine: Engine) -> None:
    here = list(THINGS).index(thing)
    text, found, missed = THINGS[thing]
    by_query = {
        query: here in {match.seq for match in engine.ordered(parse(query), 0, 100)}
        for query in (*found, *missed)
    }
    assert by_query == dict.fromkeys(found, True) | dict.fromkeys(missed, False)
    marked = {query: Highlighter(parse(query)).snippet([("text", text)]).marks for query in found}
    assert [query for query, marks in marked.items() if not marks] == []


@given(
    st.text("ab*?", min_size=2, max_size=7).map("abb".__add__),
    st.lists(st.text("ab", max_size=6).map("abb".__add__), min_size=1, max_size=5),
)
def test_what_a_wildcard_found_is_marked(wild: str, found: list[str]) -> None:
    with suppress(QueryError):  # too many wildcards
        marks = Highlighter(parse(wild)).snippet([("text", " ".join(found))]).marks
        plain = re.compile(wild.replace("*", ".*").replace("?", "."))
        fitting = [word for word in found if plain.fullmatch(word)]
        assert len(marks) == (len(fitting) if set("*?") & set(wild) else found.count(wild))


def test_marking_takes_no_longer_than_finding() -> None:
    snippet = Highlighter(parse("a*a*a*a*a*b")).snippet([("text", f"{'a' * 250} {'a' * 249}b")])
    assert [snippet.text[start:end] for start, end in snippet.marks] == ["a" * 249 + "b"]


def test_names_and_descriptions_of_attachments_are_found(tmp_path: Path) -> None:
    engine = engine_class("tantivy")(tmp_path)
    engine.apply((), [
        document(0, "see", attached=True, attachments=("flood-map.pdf", "Streets under water")),
        document(1, "a flood of maps"),
    ])  # fmt: skip
    for query, expected in {
        "attachment:flood-map.pdf": [0], 'attachment:"flood map"': [0], "attachment:waters": [0],
        "attachment:str*": [0], "flood": [0, 1], "has:attachment": [0], "exact:streets": [0],
        '"pdf streets"': [],
    }.items():  # fmt: skip
        assert [match.seq for match in engine.ordered(parse(query), 0, 9)] == expected, query
    engine.close()
