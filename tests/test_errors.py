"""Errors that are one line, also after a trip to another process."""

import pickle

from rdtheory import InputError


def test_what_was_given_is_one_line_of_bounded_length():
    error = InputError("eigenvalues", "a\nb " + "c" * 1000, "numbers\n>= 0", "mend it")
    assert "\n" not in str(error)
    assert len(str(error)) < 300
    assert str(error).endswith("; allowed: numbers >= 0; mend it")


def test_it_travels_between_processes():
    error = InputError("snr_db", lambda: None, "numbers")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is InputError
    assert str(again) == str(error)
