#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Proves two things which a plain compilation does not.

  tool.py stdcall  DATA INCLUDE CC NM
      On 32-bit Windows every function takes the bytes of arguments that functions.csv tells: the
      symbols of calls compiled with CC must be decorated _Name@bytes.

  tool.py mutation DATA INCLUDE ABI_NATIVE CC...
      The checks can fail: each of a number of wrong tables must be refused, with the name of the
      wrong row, by the program ABI_NATIVE and by static assertions compiled with each CC. The right
      tables must be accepted.
"""
import concurrent.futures
import csv
import os
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # leave no files in the source folder
import generate


def run(*command):
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            universal_newlines=True, errors="replace")
    return result.returncode, result.stdout


def stdcall(data, include, cc, nm):
    functions = generate.rows(data, "functions.csv")
    with tempfile.TemporaryDirectory() as folder:
        source, target = os.path.join(folder, "calls.c"), os.path.join(folder, "calls.o")
        with open(source, "w") as out:
            out.write("#include <cardmint/cardmod.h>\n")
            for number, row in enumerate(functions):
                out.write("void *const address_%d = (void *)&%s;\n" % (number, row["function"]))
        status, output = run(cc, "-std=c11", "-I" + include, "-c", source, "-o", target)
        if status != 0:
            raise SystemExit(output)
        status, output = run(nm, "-u", target)
        if status != 0:
            raise SystemExit(output)
    symbols = {line.split()[-1] for line in output.splitlines() if line.strip()}
    wanted = {"_%s@%s" % (row["function"], row["stdcall_bytes"]) for row in functions}
    for symbol in sorted(symbols ^ wanted):
        print("mismatch: only in the %s: %s" % ("table" if symbol in wanted else "object", symbol))
    if symbols != wanted:
        raise SystemExit(1)
    print("%d functions checked, 0 mismatches" % len(functions))


def abi_of(cc):
    return "i686" if "i686" in os.path.basename(cc) else "x86_64"


def row_count(data, abi):
    names = generate.layout_files(abi) + ["cardmod-constants.csv", "functions.csv"]
    return sum(len(generate.rows(data, name)) for name in names)


def check_static(generator_data, rows, include, cc, folder):
    """Status and output of compiling the assertions of a table, rows being the number expected."""
    source = os.path.join(folder, "static.c")
    with open(source, "w") as out:
        generate.static(generator_data, abi_of(cc), out)
    return run(cc, "-std=c11", "-O1", "-DABI_ROWS=%d" % rows, "-I" + include, "-S", source, "-o",
               os.path.join(folder, "static.s"))


def plus_one(value):
    return str(int(value) + 1)


def plus_one_hex(value):
    return "0x%08X" % ((int(value, 16) + 1) & 0xFFFFFFFF)


def last_letter(value):
    return value[:-1] + "!"


def shorter(value):
    return value[:-1]


# Table (a layout table is that of the ABI at hand), row (two cells), column, change.
MUTATIONS = [
    ("cardmod-layout", "CARD_DATA", "pfnCardSetProperty", "offset", plus_one),
    ("cardmod-layout", "CARD_DATA", "(sizeof)", "size", plus_one),
    ("cardmod-layout", "CARD_IMPORT_KEYPAIR", "pbInput", "offset", plus_one),
    ("cardmod-layout", "CONTAINER_MAP_RECORD", "(alignof)", "size", plus_one),
    ("cardmod-layout", "CONTAINER_MAP_RECORD", "wszGuid", "size", plus_one),
    ("companion-layout", "BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO", "cbData", "offset", plus_one),
    ("cardmod-constants", "SCARD_E_UNSUPPORTED_FEATURE", None, "value", plus_one_hex),
    ("cardmod-constants", "CARD_PADDING_PSS", None, "value", plus_one_hex),
    ("cardmod-constants", "PinCacheAlwaysPrompt", None, "value", plus_one_hex),
    ("cardmod-constants", "CP_CARD_GUID", None, "value", last_letter),
    ("cardmod-constants", "CP_CARD_GUID", None, "value", shorter),
    ("cardmod-constants", "szCACHE_FILE", None, "value", last_letter),
    ("cardmod-constants", "szCACHE_FILE", None, "value", shorter),
]


def rewrite(path, edit):
    with open(path, newline="") as f:
        reader = csv.DictReader(f)
        header, lines = reader.fieldnames, list(reader)
    edit(lines)
    with open(path, "w", newline="") as f:
        writer = csv.DictWriter(f, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)


def mutate(folder, abi, mutation):
    table, name, field, column, change = mutation
    suffix = "" if table.endswith("constants") else "-" + abi
    path = os.path.join(folder, table + suffix + ".csv")

    def edit(lines):
        found = [row for row in lines if row.get("struct", row.get("name")) == name
                 and row.get("field") == field]
        assert len(found) == 1, mutation
        found[0][column] = change(found[0][column])

    rewrite(path, edit)


def judge(data, include, native, cc, edit):
    """Status and output of the check of edited tables: with CC, or if that is None with NATIVE."""
    abi = abi_of(cc) if cc else "x86_64"
    with tempfile.TemporaryDirectory() as folder:
        work = os.path.join(folder, "data")
        shutil.copytree(data, work)
        edit(work, abi)
        if cc is None:
            return run(native, work)
        return check_static(work, row_count(data, abi), include, cc, folder)


def edits(native, few):
    """What to try: description, edit of the folder, what the output must say (None = accepted)."""
    def constants(change):
        return lambda work, abi: rewrite(os.path.join(work, "cardmod-constants.csv"), change)

    def functions(change):
        return lambda work, abi: rewrite(os.path.join(work, "functions.csv"), change)

    yield "right tables", lambda work, abi: None, None
    for change in MUTATIONS[::3] if few else MUTATIONS:
        yield (" ".join(filter(None, change[1:3])),
               lambda work, abi, change=change: mutate(work, abi, change), change[1])
    yield ("row missing", constants(lambda lines: lines.pop()),
           "rows, but" if native else "every row")
    yield ("row too many",
           constants(lambda lines: lines.append(dict(lines[-1], name="CARD_NO_SUCH_NAME"))),
           "CARD_NO_SUCH_NAME")
    if not native:
        yield ("function type",
               functions(lambda lines: lines[1].update(type="PFN_CARD_DELETE_CONTEXT")),
               "CardAcquireContext")


def mutation(data, include, native, compilers):
    failures = 0
    jobs = []
    with concurrent.futures.ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        for cc in [None] + compilers:
            # The Windows compilers read megabytes of headers each time: a selection will do.
            for what, edit, word in edits(cc is None, "mingw" in os.path.basename(cc or "")):
                jobs.append((os.path.basename(cc or native), what, word,
                             pool.submit(judge, data, include, native, cc, edit)))
    for label, what, word, job in jobs:
        status, output = job.result()
        if (status == 0) != (word is None) or (word or "") not in output:
            failures += 1
            print("FAIL: %s, %s: %s\n%s"
                  % (label, what, "refused" if status else "accepted", output[:2000]))
    print("%d sets of tables tried, %d wrongly judged" % (len(jobs), failures))
    raise SystemExit(1 if failures else 0)


def main(args):
    if len(args) == 5 and args[0] == "stdcall":
        stdcall(*args[1:])
    elif len(args) >= 5 and args[0] == "mutation":
        mutation(args[1], args[2], args[3], args[4:])
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
