"""Index codes: their laws, what they cost on the range coder, and what foreign bytes do."""

import decimal
import hashlib
import tracemalloc

import mpmath
import numpy as np
import pytest
from constriction import stream
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import gammaln

from rdtheory.channel_simulation.index_codes import (
    AdaptiveDyadic,
    EliasDelta,
    EliasGamma,
    Uniform,
    Zipf,
)
from rdtheory.channel_simulation.range_coder import (
    LARGEST_INDEX,
    PRECISION,
    bytes_of,
    decode_uniform,
    decoder_of,
    encode_uniform,
    frequencies,
    table,
)
from rdtheory.channel_simulation.zipf_table import cell_of, cell_start, zipf_weights
from rdtheory.container import StreamError
from rdtheory.errors import InputError

UNLIMITED = [Zipf(0), Zipf(8), Zipf(30.3), Zipf(4096), EliasGamma(), EliasDelta(), AdaptiveDyadic()]
LIMITED = [
    *(Zipf(14, largest) for largest in (1, 2, 63, 64, 100, 2**16, 2**40 + 7, LARGEST_INDEX)),
    *(Uniform(size) for size in (1, 2, 3, 4095, 4096, 4097, 2**24, 2**62, LARGEST_INDEX)),
]
CODES = UNLIMITED + LIMITED
EDGES = sorted(
    {2**c + step for c in range(63) for step in (-1, 0, 1)} - {0} | {LARGEST_INDEX, 2**53 + 3}
)
TABLES = [(code, largest) for code in (0, 16, 128, 227, 5000) for largest in (None, 2**16, 77)]
WIDTHS_AND_VALUES = st.integers(0, 63).flatmap(
    lambda width: st.tuples(st.just(width), st.integers(0, 2**width - 1))
)


def name_of(code):
    return f"{type(code).__name__}-{code.largest}-{getattr(code, 'information_code', '')}"


def sent(code, indices):
    encoder = stream.queue.RangeEncoder()
    code.encode(indices, encoder)
    return encoder


def law_of(code, rng, count):
    """Draws from the Zipf law, of those that the code can send."""
    draws = np.empty(0, dtype=np.int64)
    while draws.size < count:
        more = rng.zipf(code.exponent, 4 * count)
        draws = np.concatenate([draws, more[(more >= 1) & (more <= code.largest)]])
    return draws[:count]


class TestRoundTrip:
    @pytest.mark.parametrize("code", CODES, ids=name_of)
    def test_edges(self, code):
        indices = [k for k in EDGES if k <= code.largest]
        decoded = code.decode(len(indices), sent(code, indices).get_decoder())
        assert decoded.dtype == np.int64
        assert decoded.tolist() == indices

    @given(st.data())
    def test_codes_follow_one_another(self, data):
        codes = data.draw(st.lists(st.sampled_from(CODES), max_size=4))
        batches = [data.draw(st.lists(st.integers(1, code.largest))) for code in codes]
        encoder = stream.queue.RangeEncoder()
        for code, batch in zip(codes, batches, strict=True):
            code.encode(batch, encoder)
        decoder = decoder_of(bytes_of(encoder))
        for code, batch in zip(codes, batches, strict=True):
            assert code.decode(len(batch), decoder).tolist() == batch

    def test_any_shape_is_sent_in_order(self):
        indices = np.arange(1, 25).reshape(2, 3, 4)
        for code in UNLIMITED:
            assert code.ideal_bits(indices).shape == indices.shape
            assert code.ideal_bits(3).shape == ()
            decoded = code.decode(24, sent(code, indices).get_decoder())
            assert decoded.tolist() == indices.reshape(-1).tolist()

    @given(
        st.lists(
            st.integers(0, 63).flatmap(lambda w: st.tuples(st.just(w), st.integers(0, 2**w - 1)))
        )
    )
    def test_bits_of_mixed_widths(self, pairs):
        widths, values = [w for w, _ in pairs], [value for _, value in pairs]
        encoder = stream.queue.RangeEncoder()
        encode_uniform(values, widths, encoder)
        # The range coder keeps up to 2^-8 of its range back at each of at most 3 digits a value.
        assert encoder.num_bits() <= sum(widths) + 64 + 0.02 * len(pairs)
        assert decode_uniform(widths, encoder.get_decoder()).tolist() == values


class TestLaws:
    @pytest.mark.parametrize("information", [0, 1, 8, 14.03, 20, 62, 4096])
    def test_zipf_is_that_of_the_theory(self, information):
        """T3.2b: P(k) = k^-s / ζ(s), at 60 digits."""
        code = Zipf(information)
        assert abs(code.information_code / 16 - information) <= 1 / 32
        with mpmath.workdps(60):
            i = mpmath.mpf(code.information_code) / 16
            s = 1 + 1 / (i + mpmath.log(mpmath.e, 2) / mpmath.e + 1)
            assert abs(code.exponent / s - 1) < 2**-52
            for k in (1, 2, 3, 63, 64, 1000, 2**40 + 1, LARGEST_INDEX):
                exact = -mpmath.log(k ** (-s) / mpmath.zeta(s), 2)
                # 1e-6 of the probability is 1.4e-6 bits; rounding leaves less than 1e-12.
                assert abs(code.ideal_bits(k) - exact) < 1e-12 * (1 + exact)

    @pytest.mark.parametrize("largest", [1, 2, 63, 64, 65, 4097, 300_000])
    @pytest.mark.parametrize("information", [0, 8, 1000])
    def test_limited_zipf_sums_to_one(self, information, largest):
        bits = Zipf(information, largest).ideal_bits(np.arange(1, largest + 1))
        assert np.exp2(-bits).sum() == pytest.approx(1, abs=1e-9)

    def test_zipf_sums_to_one(self):
        code, many = Zipf(8), 2**16
        rest = mpmath.zeta(code.exponent, many + 1) / mpmath.zeta(code.exponent)
        total = np.exp2(-code.ideal_bits(np.arange(1, many + 1))).sum() + float(rest)
        assert total == pytest.approx(1, abs=1e-9)

    def test_dyadic_codes_sum_to_one(self):
        starts = [2**c for c in range(63)]
        for code, missing in ((EliasGamma(), 2**-63), (EliasDelta(), 2**-6)):
            # Missing is what the code keeps for k >= 2^63.
            total = np.exp2(np.arange(63) - code.ideal_bits(starts)).sum()
            assert total == pytest.approx(1 - missing, abs=1e-12)

    def test_adaptive_code_sums_to_one_after_any_past(self):
        rng = np.random.default_rng(1)
        for size in (0, 1, 7, 8, 9, 40):
            past = rng.integers(1, 2**20, size)
            bits = [AdaptiveDyadic().ideal_bits([*past, 2**c])[-1] - c for c in range(63)]
            assert np.exp2(-np.array(bits)).sum() == pytest.approx(1, abs=1e-12)

    def test_lengths_of_elias(self):
        for k in EDGES:
            c = k.bit_length() - 1
            assert EliasGamma().ideal_bits(k) == 2 * c + 1
            assert EliasDelta().ideal_bits(k) == c + 2 * ((c + 1).bit_length() - 1) + 1

    def test_delta_bound(self):
        """T3.2c follows from 2 log2(1 + log2 k) + log2 k + 1 >= the length, for every k."""
        indices = np.array(EDGES)
        log_index = np.log2(indices)
        bound = log_index + 2 * np.log2(1 + log_index) + 1
        assert (EliasDelta().ideal_bits(indices) <= bound + 1e-12).all()

    def test_cells_partition_the_indices(self):
        cells = np.arange(int(cell_of(np.array(LARGEST_INDEX))[0]) + 1)
        starts, widths = cell_start(cells)
        assert starts[0] == 1
        assert (starts[1:] == starts[:-1] + (1 << widths[:-1])).all()
        assert int(starts[-1]) + (1 << int(widths[-1])) == 2**63
        for indices in (starts, starts + (1 << widths) - 1):
            for found, expected in zip(cell_of(indices), (cells, starts, widths), strict=True):
                assert (found == expected).all()


class TestRealLength:
    """Sent numbers cost what the law says.

    The range coder ends in whole words: up to 64 bits. In each symbol it loses up to 2^-8 of its
    range, 3e-4 bits on average; a Zipf cell 2e-4 bits with a deviation of 0.02 bits a symbol,
    2e-4 over 20,000; a limit that splits a cell 0.003 bits; a size that is no power of two 0.0012.
    """

    COUNT = 20_000

    def excess_bits(self, code, indices):
        ideal = code.ideal_bits(indices).sum()
        return (sent(code, indices).num_bits() - ideal) / len(indices)

    @pytest.mark.parametrize("information", [0, 1, 4, 8, 14, 20])
    @pytest.mark.parametrize("largest", [None, 2**20, 2**14, 100])
    def test_zipf(self, information, largest):
        code = Zipf(information, largest)
        indices = law_of(code, np.random.default_rng(5), self.COUNT)
        assert abs(self.excess_bits(code, indices)) < 64 / self.COUNT + 0.005

    @pytest.mark.parametrize("code", [EliasGamma(), EliasDelta(), AdaptiveDyadic()], ids=name_of)
    def test_others(self, code):
        indices = law_of(Zipf(8), np.random.default_rng(6), self.COUNT)
        assert abs(self.excess_bits(code, indices)) < 64 / self.COUNT + 0.003

    @pytest.mark.parametrize("size", [2, 3, 1000, 4095, 4097, 10**6, 2**24 - 1, 2**62 - 1, 2**62])
    def test_uniform(self, size):
        indices = np.random.default_rng(7).integers(1, size, self.COUNT, endpoint=True)
        assert abs(self.excess_bits(Uniform(size), indices)) < 64 / self.COUNT + 0.002

    def test_adaptive_code_learns_the_classes(self):
        """As fast as counts can, but for their age.

        A class costs 1/(2 n ln 2) bits to learn at the n-th number. With counts that stand still
        from n to 9n/8 that is 1/8 in place of ln(9/8): 6 % more.
        """
        indices = law_of(Zipf(8, 2**20), np.random.default_rng(8), self.COUNT)
        classes = np.frexp(indices)[1] - 1
        counts = np.bincount(classes, minlength=63)
        fresh = gammaln(self.COUNT + 63 / 2) - gammaln(63 / 2)
        fresh = (fresh - (gammaln(counts + 1 / 2) - gammaln(1 / 2)).sum()) / np.log(2)
        best = (counts * np.log2(self.COUNT / np.maximum(counts, 1))).sum()
        sent_bits = AdaptiveDyadic().ideal_bits(indices).sum() - classes.sum()
        assert 0 < sent_bits - fresh < 0.1 * (fresh - best)
        assert sent_bits - best < 0.02 * self.COUNT


class TestTables:
    """The same whole numbers on every machine."""

    def test_golden(self):
        tables = [frequencies(zipf_weights(*case)[0]) for case in TABLES]
        assert all(sum(one) == PRECISION and min(one) >= 1 for one in tables)
        digest = hashlib.sha256(repr(tables).encode()).hexdigest()
        assert digest == GOLDEN_TABLES

    @pytest.mark.parametrize("case", TABLES, ids=str)
    def test_noise_changes_nothing(self, case):
        weights, _ = zipf_weights(*case)
        expected = frequencies(weights)
        assert frequencies(zipf_weights(*case, digits=36)[0]) == expected
        rng = np.random.default_rng(9)
        for _ in range(3):
            # A few last places of float64, far more than decimal's rounding at 40 digits.
            noise = rng.integers(-4, 5, len(weights)).tolist()
            noisy = [w + (w * step >> 53) for w, step in zip(weights, noise, strict=True)]
            assert frequencies(noisy) == expected

    def test_information_is_rounded_before_use(self):
        for information in (0.0, 8.0, 13.99, 4096.0):
            code = Zipf(information)
            again = Zipf(code.information_code / 16)
            near = Zipf(np.nextafter(information, 5.0))
            assert code.information_code == again.information_code == near.information_code
            assert code.exponent == again.exponent == near.exponent

    def test_settings_of_the_caller_change_nothing(self):
        with decimal.localcontext(decimal.Context(5, decimal.ROUND_UP, traps=[decimal.Inexact])):
            assert zipf_weights(100, None) == zipf_weights(100, None, 40)
            careless = zipf_weights(101, None)
        assert careless == zipf_weights(101, None)

    def test_the_range_coder_takes_the_table_as_it_is(self):
        expected = [2**23, 1, 5, 1000, PRECISION - 2**23 - 1006]
        for symbol, frequency in enumerate(expected):
            encoder = stream.queue.RangeEncoder()
            encoder.encode(symbol, table(expected))
            _, (_, size) = encoder.pos()
            assert size == ((2**64 - 1) >> 24) * frequency

    def test_frequencies(self):
        assert frequencies([0, 0, 1]) == [1, 1, PRECISION - 2]
        assert frequencies([1, 1]) == [PRECISION // 2] * 2

    def test_bytes_never_change(self):
        encoder = stream.queue.RangeEncoder()
        for code in (Zipf(8), Zipf(14, 2**16), *UNLIMITED[4:], Uniform(1000), Uniform(2**62)):
            code.encode([1, 2, 3, 5, 8, 13, 100, 999], encoder)
        encode_uniform([5, 0, 2**40], [3, 0, 41], encoder)
        assert bytes_of(encoder).hex() == GOLDEN_STREAM


class TestForeignBytes:
    def decoded(self, code, count, words):
        """What the decoder makes of the words: indices in range, or None for a `StreamError`."""
        try:
            indices = code.decode(count, stream.queue.RangeDecoder(words))
        except StreamError:
            return None
        assert indices.shape == (count,)
        assert (indices >= 1).all()
        assert (indices <= code.largest).all()
        return indices

    @pytest.mark.parametrize("code", CODES, ids=name_of)
    def test_random_words(self, code):
        rng = np.random.default_rng(10)
        for _ in range(200):
            words = rng.integers(0, 2**32, rng.integers(0, 40), dtype=np.uint32)
            self.decoded(code, int(rng.integers(0, 100)), words)

    @pytest.mark.parametrize("code", CODES, ids=name_of)
    def test_extreme_words(self, code):
        for word in (0, 1, 2**31, 2**32 - 1):
            for size in (0, 1, 2, 100):
                self.decoded(code, 300, np.full(size, word, dtype=np.uint32))

    @pytest.mark.parametrize("code", CODES, ids=name_of)
    def test_mutations(self, code):
        rng = np.random.default_rng(11)
        indices = rng.integers(1, min(code.largest, 2**20), 50, endpoint=True)
        words = sent(code, indices).get_compressed()
        assert (self.decoded(code, 50, words) == indices).all()
        for trial in range(200):
            damaged = words.copy()
            if trial % 3 == 0 or not words.size:
                damaged = damaged[: rng.integers(words.size + 1)]
            elif trial % 3 == 1:
                damaged[rng.integers(words.size)] ^= np.uint32(1 << int(rng.integers(32)))
            else:
                extra = rng.integers(0, 2**32, 2, dtype=np.uint32)
                damaged = np.insert(damaged, rng.integers(words.size + 1), extra)
            self.decoded(code, 50, damaged)

    def test_any_bytes_can_be_read(self):
        rng = np.random.default_rng(13)
        for size in range(64):
            try:
                values = decode_uniform(np.arange(64), decoder_of(rng.bytes(size)))
            except StreamError:
                continue
            assert (values >= 0).all()
            assert (values[:63] >> np.arange(63) == 0).all()

    def test_bits(self):
        # Powers of two use up the whole range: only what the range coder rounds off is foreign.
        decoder = stream.queue.RangeDecoder(np.full(10, 2**32 - 1, dtype=np.uint32))
        with pytest.raises(StreamError, match="stream: got foreign bytes; allowed: those of"):
            decode_uniform([21] * 100, decoder)

    @pytest.mark.parametrize("code", CODES, ids=name_of)
    def test_memory_is_that_of_the_count(self, code):
        words = np.random.default_rng(12).integers(0, 2**32, 50, dtype=np.uint32)
        tracemalloc.start()
        self.decoded(code, 10_000, words)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        # At most some 20 arrays of 8 bytes a number, and a table.
        assert peak < 200 * 10_000 + 1_000_000

    def test_counts_that_no_memory_holds(self, monkeypatch):
        decoder = stream.queue.RangeDecoder(np.zeros(1, dtype=np.uint32))
        for count in (2**31, 2**62, 2**63, 2**100, -1):
            with pytest.raises(InputError, match=r"count: got .*; allowed: 0 to 2147483647"):
                EliasGamma().decode(count, decoder)

        def full(*_):
            raise MemoryError

        monkeypatch.setattr(EliasGamma, "_decode", full)
        with pytest.raises(InputError, match="count: got 9; allowed: as many as fit"):
            EliasGamma().decode(9, decoder)


class TestBadInput:
    @pytest.mark.parametrize("code", CODES, ids=name_of)
    @pytest.mark.parametrize(
        "index", [0, -1, 2**63, 2**70, 1.5, 1.0, "1", None, True, [1, 0], [[1], [1, 2]]]
    )
    def test_index(self, code, index):
        encoder = stream.queue.RangeEncoder()
        with pytest.raises(InputError, match=f"index: got .*; allowed: .* 1 to {code.largest}"):
            code.encode(index, encoder)
        with pytest.raises(InputError, match="index: got "):
            code.ideal_bits(index)
        assert encoder.is_empty()

    @pytest.mark.parametrize("code", LIMITED[:-1], ids=name_of)
    def test_index_above_the_largest(self, code):
        if code.largest < LARGEST_INDEX:
            with pytest.raises(InputError, match=f"index: got {code.largest + 1}; allowed"):
                code.encode([1, code.largest + 1], stream.queue.RangeEncoder())

    @pytest.mark.parametrize("count", [1.0, "1", None, True, [1]])
    def test_count(self, count):
        decoder = stream.queue.RangeDecoder(np.zeros(1, dtype=np.uint32))
        with pytest.raises(InputError, match="count: got "):
            Uniform(3).decode(count, decoder)

    @pytest.mark.parametrize("information", [-1e-9, np.nan, np.inf, 4096.1, "8", None, 1j, [8]])
    def test_information(self, information):
        with pytest.raises(InputError, match=r"information_bits: got .*; allowed: a number from 0"):
            Zipf(information)

    @pytest.mark.parametrize("size", [0, -1, 2**63, 2**70, 1.0, "1", None, True, [3]])
    def test_sizes(self, size):
        with pytest.raises(InputError, match=r"size: got .*; allowed: .* from 1 to"):
            Uniform(size)
        if size is not None:
            with pytest.raises(InputError, match=r"largest: got .*; allowed: .* from 1 to"):
                Zipf(8, size)

    @pytest.mark.parametrize(
        ("values", "widths", "words"),
        [
            ([8], [3], "values: got 8; allowed: < 2^3"),
            ([-1], [3], "values: got -1"),
            ([1], [0], "values: got 1; allowed: < 2^0"),
            ([1, 2], [3], "values: got shape (2,); allowed: shape (1,)"),
            (1, 3, "widths: got shape (); allowed: shape (n,)"),
            ([[1]], [[3]], "widths: got shape (1, 1)"),
            ([1], [64], "widths: got 64; allowed: whole numbers from 0 to 63"),
            ([1], [-1], "widths: got -1"),
            ([1.0], [3], "values: got [1.0]"),
        ],
    )
    def test_bits(self, values, widths, words):
        with pytest.raises(InputError) as caught:
            encode_uniform(values, widths, stream.queue.RangeEncoder())
        assert words in str(caught.value)

    def test_widths_of_bits(self):
        with pytest.raises(InputError, match="widths: got shape"):
            decode_uniform(3, decoder_of(b""))


GOLDEN_TABLES = "1151eadc38a176e2a852f2dfbd4524ca04055c060e0430233254444573f14f23"

GOLDEN_STREAM = (
    "fe2ead02c4a9009a59dd5bce9a646cea70cedd73ea6cf787febe73359de51361a91f3f14bed7fd47"
    "a2a7e4ff558f762d7a6d6930000000000000000000000000dc00c80d00c80d80560af0c0d62caa02"
    "0000c0e6000000000000000000000000000000000000000000000000007422000000901b"
)
