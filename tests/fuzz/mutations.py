"""What may befall the content of a recording; each mutation is named for what it does and draws from a seeded `rng`."""

import random
from collections.abc import Callable, Sequence

from tests.fuzz import wav_headers
from tests.fuzz.whole_files import MadeFile

Mutation = Callable[[random.Random, MadeFile, Sequence[MadeFile]], MadeFile]
EXTREMES = (0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFE, 0xFFFF_FFFF)
HEADER_BYTES = 512
STARTS = (
    b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>\n",
    b'{"error": "recording is not ready"}\n',
    b"#EXTM3U\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n",
    b"ffconcat version 1.0\nfile /etc/passwd\n",
    b"PK\x03\x04" + bytes(60),
    b"%PDF-1.7\n",
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x7f\xff\xff\xff\x7f\xff\xff\xff\x08\x06\x00\x00\x00",
    b"\x7fELF\x02\x01\x01",
    b"MZ\x90\x00",
    b"GIF89a\xff\xff\xff\xff",
    b"[playlist]\nFile1=/etc/passwd\n",
    b"<?xml version='1.0'?><!DOCTYPE l [<!ENTITY a 'aaaaaaaaaa'>]><smil>&a;</smil>",
)


def flipped_bits(rng: random.Random, file: MadeFile, _others: Sequence[MadeFile]) -> MadeFile:
    content = bytearray(file.content)
    for _ in range(rng.choice((1, 8, 64, 1024))):
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    return MadeFile(file.name, bytes(content))


def flipped_header_bits(rng: random.Random, file: MadeFile, _others: Sequence[MadeFile]) -> MadeFile:
    content = bytearray(file.content)
    for _ in range(rng.choice((1, 4, 16, 64))):
        content[rng.randrange(min(HEADER_BYTES, len(content)))] ^= 1 << rng.randrange(8)
    return MadeFile(file.name, bytes(content))


def extreme_numbers_in_the_header(rng: random.Random, file: MadeFile, _others: Sequence[MadeFile]) -> MadeFile:
    """Lengths, counts and rates of zero, of everything and of the largest signed number, in both byte orders."""
    content = bytearray(file.content)
    for _ in range(rng.choice((1, 2, 6))):
        place = rng.randrange(0, min(HEADER_BYTES, len(content) - 4), rng.choice((1, 2, 4)))
        width, order = rng.choice((2, 4)), rng.choice(("little", "big"))
        value = rng.choice(EXTREMES) & (256**width - 1)
        content[place : place + width] = value.to_bytes(width, order)  # type: ignore[arg-type]
    return MadeFile(file.name, bytes(content))


def cut_end(rng: random.Random, file: MadeFile, _others: Sequence[MadeFile]) -> MadeFile:
    return MadeFile(file.name, file.content[: int(len(file.content) * rng.random() ** 2)])


def cut_start(rng: random.Random, file: MadeFile, _others: Sequence[MadeFile]) -> MadeFile:
    return MadeFile(file.name, file.content[rng.choice((1, 4, 44, 500, len(file.content) // 2)) :])


def stretch_of_zeros(rng: random.Random, file: MadeFile, _others: Sequence[MadeFile]) -> MadeFile:
    start, end = sorted(rng.randrange(len(file.content)) for _ in range(2))
    return MadeFile(file.name, file.content[:start] + bytes(end - start) + file.content[end:])


def stretch_of_noise(rng: random.Random, file: MadeFile, _others: Sequence[MadeFile]) -> MadeFile:
    start = rng.randrange(len(file.content))
    end = min(len(file.content), start + rng.choice((100, 5_000, 50_000)))
    return MadeFile(file.name, file.content[:start] + rng.randbytes(end - start) + file.content[end:])


def stretch_lost(rng: random.Random, file: MadeFile, _others: Sequence[MadeFile]) -> MadeFile:
    start = rng.randrange(len(file.content))
    return MadeFile(file.name, file.content[:start] + file.content[start + rng.choice((1, 333, 20_000)) :])


def blocks_out_of_order(rng: random.Random, file: MadeFile, _others: Sequence[MadeFile]) -> MadeFile:
    blocks = [file.content[place : place + 4096] for place in range(0, len(file.content), 4096)]
    first, *rest = blocks
    rng.shuffle(rest)
    return MadeFile(file.name, first + b"".join(rest))


def written_twice(_rng: random.Random, file: MadeFile, others: Sequence[MadeFile]) -> MadeFile:
    return MadeFile(file.name, file.content + file.content)


def joined_with_another(rng: random.Random, file: MadeFile, others: Sequence[MadeFile]) -> MadeFile:
    return MadeFile(file.name, file.content + rng.choice(others).content)


def garbage_after_the_end(rng: random.Random, file: MadeFile, _others: Sequence[MadeFile]) -> MadeFile:
    return MadeFile(file.name, file.content + rng.randbytes(rng.choice((1, 1000, 100_000))))


def another_ending(rng: random.Random, file: MadeFile, others: Sequence[MadeFile]) -> MadeFile:
    return MadeFile(f"named{rng.choice(others).ending}", file.content)


def header_of_another_format(rng: random.Random, file: MadeFile, others: Sequence[MadeFile]) -> MadeFile:
    length = rng.choice((4, 12, 44, 512))
    return MadeFile(file.name, rng.choice(others).content[:length] + file.content[length:])


def nothing_inside(rng: random.Random, file: MadeFile, _others: Sequence[MadeFile]) -> MadeFile:
    return MadeFile(file.name, rng.choice((b"", b"", b"\0", b"\n", file.content[:4], file.content[:12])))


def something_else(rng: random.Random, file: MadeFile, _others: Sequence[MadeFile]) -> MadeFile:
    return MadeFile(file.name, rng.choice(STARTS) + rng.choice((b"", b"text " * 5000, rng.randbytes(20_000))))


def one_byte_repeated(rng: random.Random, file: MadeFile, _others: Sequence[MadeFile]) -> MadeFile:
    return MadeFile(file.name, bytes([rng.choice((0, 0xFF, 0x80, 0xD5))]) * rng.choice((100, 64_000)))


def noise(rng: random.Random, file: MadeFile, _others: Sequence[MadeFile]) -> MadeFile:
    return MadeFile(file.name, rng.randbytes(rng.choice((100, 64_000))))


def tag_in_front(rng: random.Random, file: MadeFile, _others: Sequence[MadeFile]) -> MadeFile:
    """ID3v2 of megabytes, with a picture, or one that says that it takes 256 MB."""
    size = rng.choice((0, 1_000, 3_000_000))
    picture = b"\x00image/png\x00\x03\x00" + STARTS[6] + rng.randbytes(size)
    title = b"\x03\x1b[2J\x00\xe2\x80\xae" + b"T" * rng.choice((1, 100_000))
    frames = b"".join(
        name + len(body).to_bytes(4, "big") + b"\0\0" + body for name, body in ((b"TIT2", title), (b"APIC", picture))
    )
    stated = rng.choice((len(frames), len(frames), 0x0FFF_FFFF, 0))
    seven_bits = bytes(stated >> shift & 0x7F for shift in (21, 14, 7, 0))
    return MadeFile(file.name, b"ID3\x03\x00\x00" + seven_bits + frames + file.content)


def inner_names_exchanged(rng: random.Random, file: MadeFile, _others: Sequence[MadeFile]) -> MadeFile:
    """The four-letter names of boxes and chunks lead elsewhere."""
    names = [name for name in BOXES if name in file.content]
    if not names:
        return flipped_header_bits(rng, file, _others)
    return MadeFile(file.name, file.content.replace(rng.choice(names), rng.choice(BOXES), 1))


def lengths_of_inner_parts(rng: random.Random, file: MadeFile, _others: Sequence[MadeFile]) -> MadeFile:
    """The numbers before and after a box's name: its length, or how many entries it has."""
    content = bytearray(file.content)
    places = [file.content.find(name) for name in BOXES if name in file.content]
    if not places:
        return extreme_numbers_in_the_header(rng, file, _others)
    place = max(rng.choice(places) + rng.choice((-4, 4, 8, 12, 16)), 0)
    content[place : place + 4] = rng.choice(EXTREMES).to_bytes(4, rng.choice(("big", "little")))  # type: ignore[arg-type]
    return MadeFile(file.name, bytes(content))


BOXES = tuple(
    b"ftyp moov trak mdia mdhd minf stbl stsd stts stsc stsz stco mp4a esds mdat udta OggS OpusHead OpusTags vorbis "
    b"fLaC desc data fmt\x20 fact COMM SSND FORM RIFF WAVE LIST".split(b" ")
)
ANY_FORMAT: tuple[Mutation, ...] = (
    flipped_bits,
    flipped_header_bits,
    extreme_numbers_in_the_header,
    cut_end,
    cut_start,
    stretch_of_zeros,
    stretch_of_noise,
    stretch_lost,
    blocks_out_of_order,
    written_twice,
    joined_with_another,
    garbage_after_the_end,
    another_ending,
    header_of_another_format,
    nothing_inside,
    something_else,
    one_byte_repeated,
    noise,
    tag_in_front,
    inner_names_exchanged,
    lengths_of_inner_parts,
)


def mutated_files(whole: Sequence[MadeFile], count: int, seed: int) -> list[MadeFile]:
    """`count` files: the mutations in turn, each of a file drawn from `whole`. The same seed makes the same files."""
    rng = random.Random(seed)
    made = []
    for number in range(count):
        mutation = (*ANY_FORMAT, *wav_headers.MUTATIONS)[number % (len(ANY_FORMAT) + len(wav_headers.MUTATIONS))]
        done = mutation(rng, rng.choice(whole), whole)
        name = f"{number:04d}-{mutation.__name__}-{done.name}"
        made.append(MadeFile(name, done.content, mutation.__name__.replace("_", " ")))
    return made
