"""Laws of the generator: exact sums, independent streams, identifiers for any birth date and sex."""

from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.no import fodselsnummer

from pipeline.synthetic import calibration, identifiers, model
from pipeline.synthetic.case_system import case_system_tables
from pipeline.synthetic.case_tables import apportion
from pipeline.synthetic.fill import Planted
from pipeline.synthetic.identity import identity
from pipeline.synthetic.people import people
from pipeline.synthetic.programmes import exits, programmes, work
from pipeline.synthetic.streams import Streams, day

quick = settings(deadline=None, derandomize=True, max_examples=60)
AS_OF = date(2014, 3, 1)  # a short world is enough: the totals are those at the cut


@quick
@given(st.lists(st.floats(0.01, 1e6), min_size=1, max_size=40), st.integers(0, 10**9))
def test_an_apportioned_total_is_exact_and_nobody_is_off_by_a_krone(shares, total):
    whole = apportion(np.array(shares), total)
    exact = np.array(shares) * (total / sum(shares))
    assert int(whole.sum()) == total
    assert (np.abs(whole - exact) < 1 + 1e-6 * np.maximum(exact, 1)).all()


@quick
@given(st.integers(0, 2**32), st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=20))
def test_a_stream_depends_on_the_seed_and_its_name_alone(seed, name, other):
    streams = Streams(seed)
    first = streams.of(name).integers(0, 2**62, 4).tolist()
    streams.of(other).integers(0, 2**62, 1000)
    assert streams.of(name).integers(0, 2**62, 4).tolist() == first
    assert (name == other) == (streams.of(other).integers(0, 2**62, 4).tolist() == first)


@quick
@given(st.dates(date(1940, 1, 1), date(2024, 12, 31)), st.booleans(), st.booleans(), st.integers(0, 2**32))
def test_no_birth_date_gives_a_real_persons_number(birth, male, d_number, seed):
    births, sex = np.full(20, day(birth)), np.full(20, male)
    made = identifiers.text(
        identifiers.numbers(Streams(seed).of("x"), births, sex, d_number=d_number)
    ).to_list()
    assert len(set(made)) == 20
    assert all(81 <= int(number[2:4]) <= 92 for number in made)
    assert not any(fodselsnummer.is_valid(number) for number in made)


@settings(deadline=None, derandomize=True, max_examples=12)
@given(st.integers(300, 1500), st.integers(0, 2**32))
def test_the_totals_at_the_cut_are_exact_at_any_size_and_seed(persons, seed):
    streams = Streams(seed)
    everybody = people(streams, persons, AS_OF)
    spells = programmes(streams, everybody, AS_OF)
    spells = exits(streams, everybody, spells, work(streams, everybody, spells, AS_OF))
    known = identity(streams, everybody, day(AS_OF))
    tables, _, _ = case_system_tables(streams, everybody, spells, known, Planted(), AS_OF)
    share = persons / 13_000
    assert calibration(tables) == {
        "persons": persons,
        "participants": round(2_318 * share),
        "active_in_2011": round(963 * share),
        "paid_kr_2011": round(399_900_000 * share),
        "paid_kr_2006_2011": round(1_977_700_000 * share),
    }
    assert date(2012, 1, 27) == model.CUT
