"""Damaged files of every kind: foreign errors, hangs, memory, and changes that nobody is told of.

    python benchmarks/fuzz.py [--mutations 1000] [--seed 0] [--only bold.nii.gz] [--table FILE]

Each reader runs in a process of its own with 2 GB of memory beyond what is loaded. A mutation
is read by the reader and looked at by ``isocortex info``. What counts:

- foreign: an error that is no IsocortexError, or a sentence that does not name the file;
- dead: the process died (or was killed);
- hang: more than 10 s;
- memory: more than 2 GB resident, or asked for and not had;
- silent: another value than before, where the format has a checksum and the bytes were changed
  without making it anew.
"""

import argparse
import gzip
import hashlib
import io
import json
import multiprocessing
import os
import resource
import shutil
import struct
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from fuzz_seeds import SEEDS, Seed

import isocortex as ic

HANG = 10.0
MEMORY = 2 * 2**30
COUNTS = ("same", "changed", "refused", "foreign", "dead", "hang", "memory", "silent")
BAD = COUNTS[3:]
SIZES = (0, 1, -1, 2**31 - 1, -(2**31), 2**32 - 1, 2**40, 2**62, -(2**63), 255, 65535)


def mutated(raw: bytes, rng: np.random.Generator) -> tuple[bytes, bool]:
    """Damaged bytes, and whether checksums were made anew around the damage."""
    if rng.random() < 0.3:
        packed = _repacked(raw, rng)
        if packed is not None:
            return packed, True
    return _damaged(raw, rng), False


def _damaged(raw: bytes, rng: np.random.Generator) -> bytes:
    ways = (_bits, _bits, _truncated, _zeros, _length, _length, _text_number, _inserted, _deleted)
    data = bytearray(raw)
    for _ in range(1 if rng.random() < 0.8 else 3):
        ways[rng.integers(len(ways))](data, rng)
    return bytes(data)


def _place(data: bytearray, rng: np.random.Generator) -> int:
    """Anywhere, but often in the head."""
    stop = min(len(data), 600) if rng.random() < 0.4 else len(data)
    return int(rng.integers(max(1, stop)))


def _bits(data: bytearray, rng: np.random.Generator) -> None:
    for _ in range(int(rng.choice([1, 1, 1, 8]))):
        if data:
            data[_place(data, rng)] ^= 1 << int(rng.integers(8))


def _truncated(data: bytearray, rng: np.random.Generator) -> None:
    del data[int(rng.integers(len(data) + 1)) :]


def _zeros(data: bytearray, rng: np.random.Generator) -> None:
    at = _place(data, rng)
    stop = min(len(data), at + int(rng.choice([1, 4, 16, 256])))
    data[at:stop] = bytes(stop - at)


def _length(data: bytearray, rng: np.random.Generator) -> None:
    """A number in place of what may be a length or a size."""
    at = _place(data, rng) // 4 * 4 if rng.random() < 0.7 else _place(data, rng)
    size, form = ((2, "h"), (4, "i"), (8, "q"))[rng.integers(3)]
    number = SIZES[rng.integers(len(SIZES))]
    order = "<>"[rng.integers(2)]
    low = number & (2 ** (8 * size) - 1)
    data[at : at + size] = struct.pack(order + form.upper(), low)[: max(0, len(data) - at)]


def _text_number(data: bytearray, rng: np.random.Generator) -> None:
    """Digits in a text (a head of numpy, XML, JSON) become another number."""
    digits = [i for i in range(len(data)) if 48 <= data[i] <= 57]
    if not digits:
        return
    at = digits[rng.integers(len(digits))]
    stop = at
    while stop < len(data) and 48 <= data[stop] <= 57:
        stop += 1
    data[at:stop] = str(SIZES[rng.integers(len(SIZES))]).encode()


def _inserted(data: bytearray, rng: np.random.Generator) -> None:
    data[(at := _place(data, rng)) : at] = rng.bytes(int(rng.choice([1, 7, 64])))


def _deleted(data: bytearray, rng: np.random.Generator) -> None:
    at = _place(data, rng)
    del data[at : at + int(rng.choice([1, 5, 64]))]


def _repacked(raw: bytes, rng: np.random.Generator) -> bytes | None:
    """Damage inside of an archive, with checksums that fit; None where it is none."""
    if raw[:2] == b"\x1f\x8b":
        return gzip.compress(_damaged(gzip.decompress(raw), rng))
    if raw[:4] == b"PK\x03\x04":
        return _zipped(raw, rng)
    if raw[:6] == b"MATLAB" and raw[128:132] == b"\x0f\0\0\0":
        body = _damaged(
            zlib.decompress(raw[136 : 136 + int.from_bytes(raw[132:136], "little")]), rng
        )
        body = zlib.compress(body)
        return raw[:132] + len(body).to_bytes(4, "little") + body
    return None


def _zipped(raw: bytes, rng: np.random.Generator) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w") as new:
        members = old.infolist()
        chosen = int(rng.integers(len(members)))
        for i, each in enumerate(members):
            content = old.read(each)
            if i == chosen:
                way = rng.integers(8)
                if way == 0:
                    continue
                if way == 1:
                    each = zipfile.ZipInfo("../" + each.filename)
                content = bytes(10**6) if way == 2 else _damaged(content, rng)
            new.writestr(each, content, zipfile.ZIP_DEFLATED if rng.random() < 0.5 else None)
    return out.getvalue()


def digest(found: Any) -> str:
    """A hash of all that a noun says."""
    hashed = hashlib.sha256()
    _feed(found, hashed)
    return hashed.hexdigest()


def _feed(found: Any, hashed: Any) -> None:
    if isinstance(found, dict):
        for key in found:
            hashed.update(repr(key).encode())
            _feed(found[key], hashed)
    elif isinstance(found, list | tuple):
        for each in found:
            _feed(each, hashed)
    elif isinstance(found, ic.Responses):
        _feed([found.numpy(), found.stimuli, found.units.to_csv(), repr(found.labels)], hashed)
    elif isinstance(found, ic.RDMs):
        _feed([found.values, found.stimuli, found.labels.to_csv(), found.dissimilarity], hashed)
    elif hasattr(found, "__dataclass_fields__"):
        _feed({key: getattr(found, key) for key in found.__dataclass_fields__}, hashed)
    elif isinstance(found, np.ndarray) and found.dtype.kind in "biufc":
        hashed.update(f"{found.dtype}{found.shape}".encode())
        hashed.update(np.ascontiguousarray(found).reshape(-1).view(np.uint8))
    else:
        hashed.update(repr(found).encode())


def _targets(seed: Seed, path: Path) -> list[Path]:
    files = sorted(each for each in path.rglob("*") if each.is_file()) if seed.folder else [path]
    return [each for each in files if each.stat().st_size]


def made(seed: Seed, folder: Path) -> Path:
    """The seed's file in a folder of its own."""
    path = folder / "files" / seed.name
    path.parent.mkdir(parents=True)
    seed.make(path)
    return path


def trial(seed: Seed, path: Path, before: str, remade: bool) -> tuple[str, str]:
    """What one damaged file led to, and a word on it."""
    from isocortex.cli._describe import describe_file

    try:
        after = digest(seed.read(path))
    except Exception as error:
        verdict = _verdict(error, path)
    else:
        silent = after != before and seed.checked and not remade
        verdict = ("silent" if silent else "same" if after == before else "changed", "")
    if path.suffix == ".json":
        return verdict
    try:
        describe_file(path)
    except Exception as error:
        found = _verdict(error, path)
        if found[0] != "refused":
            return found[0], f"info: {found[1]}"
    return verdict


def _verdict(error: Exception, path: Path) -> tuple[str, str]:
    chain: BaseException | None = error
    where = traceback.extract_tb(error.__traceback__)
    last = next((each for each in reversed(where) if "isocortex" in each.filename), where[-1])
    at = f"{Path(last.filename).name}:{last.lineno}"
    while chain is not None:
        if isinstance(chain, MemoryError):
            return "memory", f"{at} {error}"
        chain = chain.__cause__
    if not isinstance(error, ic.IsocortexError):
        return "foreign", f"{at} {type(error).__name__}: {str(error)[:150]}"
    text = str(error)
    if not any(part.name in text for part in (path, path.parent)):
        return "foreign", f"{at} unnamed: {type(error).__name__}: {text[:150]}"
    return "refused", ""


def _work(name: str, seed_number: int, first: int, count: int, folder: str, pipe: Any) -> None:
    """In a child: mutation after mutation, each told before and after."""
    warnings.simplefilter("ignore")
    sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115
    seed = SEEDS[name]
    path = made(seed, Path(folder))
    before = digest(seed.read(path))
    targets = _targets(seed, path)
    originals = [each.read_bytes() for each in targets]
    used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    for i in range(first, first + count):
        rng = np.random.default_rng([seed_number, i, zlib.crc32(name.encode())])
        which = int(rng.integers(len(targets)))
        content, remade = mutated(originals[which], rng)
        targets[which].write_bytes(content)
        pipe.send(("start", i))
        pipe.send(("done", *trial(seed, path, before, remade)))
        targets[which].write_bytes(originals[which])
    pipe.send(("end",))


def fuzz(name: str, mutations: int, seed_number: int = 0, keep: Path | None = None) -> Counter:
    """The counts of one kind of file; faults are printed, and their files kept where asked."""
    counts: Counter = Counter()
    at = 0
    context = multiprocessing.get_context("fork")
    while at < mutations:
        folder = tempfile.mkdtemp(prefix="fuzz-")
        ours, theirs = context.Pipe(False)
        job = (name, seed_number, at, mutations - at, folder, theirs)
        child = context.Process(target=_work, args=job)
        child.start()
        theirs.close()
        ended = _follow(ours, counts, name)
        if ended:
            at = mutations
        else:
            fault = "dead" if ended is None else "hang"
            at = ended_at[0]
            counts[fault] += 1
            print(f"  {name} {at}: {fault}", flush=True)
            if keep is not None:
                shutil.copytree(Path(folder) / "files", keep / f"{name}-{at}-{fault}")
            child.kill()
            at += 1
        child.join()
        shutil.rmtree(folder, ignore_errors=True)
    return counts


ended_at = [0]


def _follow(pipe: Any, counts: Counter, name: str) -> bool | None:
    """Count until the end; false where the child hangs, None where it is dead."""
    patience = 120.0  # for the seed
    while True:
        try:
            if not pipe.poll(patience):
                return False
            message = pipe.recv()
        except EOFError:
            return None
        patience = HANG
        if message[0] == "end":
            return True
        if message[0] == "start":
            ended_at[0] = message[1]
        else:
            counts[message[1]] += 1
            if message[1] in BAD:
                print(f"  {name} {ended_at[0]}: {message[1]} {message[2]}", flush=True)


def table(found: dict[str, Counter]) -> str:
    """Counts as a table in Markdown."""
    lines = ["| file | " + " | ".join(COUNTS) + " |", "|---|" + "--:|" * len(COUNTS)]
    rows = {**found, "**all**": sum(found.values(), Counter())}
    for name, counts in rows.items():
        lines.append(f"| {name} | " + " | ".join(str(counts[each]) for each in COUNTS) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--mutations", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--table", type=Path)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    found = {}
    for name in given.only or SEEDS:
        start = time.perf_counter()
        found[name] = fuzz(name, given.mutations, given.seed, given.keep)
        took = time.perf_counter() - start
        print(f"{name}: {json.dumps(found[name])} ({took:.0f} s)", flush=True)
    print(table(found))
    if given.table is not None:
        given.table.write_text(table(found) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
