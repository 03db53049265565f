#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Breaks the module, one thing at a time, and looks whether the kit sees it.

mutants.py --build BUILD [--all | --sample N] [--jobs N] [--limit MINUTES] [NAME ...]
mutants.py --build BUILD --check-table | --check-rows

Each mutation of tests/kit/mutant runs on cards of its own, a copy of ones prepared once, against
the rows of its function - those of performance only where pace is what it breaks - and a fixed
sample of others (--all: every row). Caught: each requirement that the mutation names fails, and is
not merely blocked. NAME: a mutation, or how its name begins.
Exit code 0: all are caught, and nothing fails that has nothing to do with it.

--check-table: is there a mutation for each row that is tested, of cmr.csv and of the kit's own?
--check-rows: has the kit the rows of cmr.csv, in their order, and those of own.csv; and has each
  call of the closed tool (steps.csv, by its number) a row that makes it?
"""
import argparse
import collections
import concurrent.futures
import csv
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

SAMPLE = ("CMR.1.2.3 CMR.3.1.1.3 CMR.3.1.1.E4 CMR.3.2.1.2 CMR.3.2.2.8 CMR.3.2.4.3 CMR.3.3.2.E3 "
          "CMR.3.4.1.3 CMR.3.4.3.E10 CMR.3.4.5.4 CMR.3.4.9.2 CMR.4.1.1.2 CMR.4.2.3.3 CMR.4.3.5.6 "
          "CMR.4.3.6.4").split()
PIN = "12345678"
ADMIN_KEY = "0123456789abcdeffedcba98765432100f1e2d3c4b5a6978"
FILE_LIMIT = 2 * 1024 * 1024
# What is known of these cards: a module that says otherwise is wrong.
SETTINGS = ("limit_seconds=30 keep_fixture=yes key_import=yes key_generation=yes pin_blocks=yes "
            "pin_tries=3").split()

INF = r"""[Version]
Signature = "$Windows NT$"
Class = {class_}
ClassGuid = {{990A2BD7-E738-46c7-B26F-1CF8FB9F1391}}
Provider = %us%
DriverVer = 01/01/2026,1.0.0.0
CatalogFile = test.cat
[Manufacturer]
%us% = Models,NTamd64
[Models.NTamd64]
%card% = Install,SCFILTER\CID_{historical}
[DefaultInstall.NTamd64]
AddReg = Registry
[Install.NT]
AddReg = Registry
[Registry]
HKLM,"SOFTWARE\Microsoft\Cryptography\Calais\SmartCards\Test",ATR,0x00000001,{atr}
HKLM,"SOFTWARE\Microsoft\Cryptography\Calais\SmartCards\Test",ATRMask,0x00000001,{mask}
HKLM,"SOFTWARE\Microsoft\Cryptography\Calais\SmartCards\Test","Crypto Provider",0,\
"Microsoft Base Smart Card Crypto Provider"
HKLM,"SOFTWARE\Microsoft\Cryptography\Calais\SmartCards\Test",\
"Smart Card Key Storage Provider",0,"Microsoft Smart Card Key Storage Provider"
HKLM,"SOFTWARE\Microsoft\Cryptography\Calais\SmartCards\Test","80000001",0,"test.dll"
[Strings]
us = "Us"
card = "Card"
"""

Mutation = collections.namedtuple("Mutation", "name ids function also reason file runs")


def say(*words):
    print(*words, flush=True)


class Bench:
    """Programs, and the cards that each run begins with."""

    def __init__(self, build, mutants, folder):
        self.folder = pathlib.Path(folder)
        self.cardmint = build / "bin" / "cardmint"
        self.module = build / "lib" / "cardmint.so"
        self.mutants = mutants
        self.home = self.folder / "home"
        self.key = self.folder / "admin.key"
        self.key.write_text(ADMIN_KEY + "\n")
        self.key.chmod(0o600)
        self.pin = self.folder / "pin"
        self.pin.write_text(PIN + "\n")
        self.pin.chmod(0o600)

    def mutations(self):
        out = subprocess.run([self.mutants / "mutant_list"], capture_output=True, text=True,
                             check=True).stdout
        for line in out.splitlines():
            name, ids, function, also, reason, file, runs = line.split("\t")
            yield Mutation(name, ids.split(), function, also.split(), reason, file, runs == "1")

    def rows(self):
        out = subprocess.run([self.cardmint, "certify", "--list", "--json"], capture_output=True,
                             text=True, check=True).stdout
        return json.loads(out)

    def prepare(self):
        env = dict(os.environ, CARDMINT_HOME=str(self.home))
        for name in ("first", "second"):
            subprocess.run([self.cardmint, "card", "new", name, "--pin-file", self.pin,
                            "--admin-key-file", self.key], env=env, check=True,
                           stdout=subprocess.DEVNULL)
        for name in ("first", "second"):
            subprocess.run([self.cardmint, "card", "insert", name], env=env,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.write_infs(env)
        self.certify(self.module, ["CMR.4.1.1.2"], self.home, "", "inf")

    def write_infs(self, env):
        """One that fits the cards, and two that do not."""
        out = subprocess.run([self.cardmint, "readers", "--json"], env=env, capture_output=True,
                             text=True, check=True).stdout
        atr = bytes.fromhex(json.loads(out)[0]["atr"])
        listed = {"atr": ",".join(f"{b:02x}" for b in atr), "mask": ",".join(["ff"] * len(atr)),
                  "class_": "SmartCard", "historical": atr[-1 - (atr[1] & 15):-1].hex()}
        for name, change in (("inf", {}), ("inf-class", {"class_": "Modem"}),
                             ("inf-mask", {"mask": ",".join(["0f"] * len(atr))})):
            (self.folder / (name + ".inf")).write_text(INF.format(**{**listed, **change}))

    def certify(self, module, rows, home, mutation, inf):
        """The results by id; None where nothing could be run."""
        env = dict(os.environ, CARDMINT_HOME=str(home), MUTANT_OF=str(self.module),
                   CARDMINT_KIT_CLOCK=str(home) + ".clock", MUTATION=mutation)
        command = [self.cardmint, "certify", "--module", module, "--card", "first,second",
                   "--overwrite", "--pin-file", self.pin, "--admin-key-file", self.key,
                   "--json"]
        for setting in SETTINGS + [f"inf={self.folder / inf}.inf"]:
            command += ["--set", setting]
        command += rows or []
        try:
            ran = subprocess.run(command, env=env, capture_output=True, text=True, timeout=600)
            results = json.loads(ran.stdout)["results"]
        except (ValueError, subprocess.TimeoutExpired) as e:
            return None, str(e)
        return {r["id"]: r for r in results}, ran.stderr

    def module_for(self, mutation, folder):
        if mutation.file in ("export", "window", "beside", "elsewhere"):
            return self.mutants / f"cardmint-mutant-{mutation.file}.so"
        if mutation.file == "grow":
            grown = pathlib.Path(str(folder) + "-grown.so")
            whole = (self.mutants / "cardmint-mutant.so").read_bytes()
            grown.write_bytes(whole + bytes(FILE_LIMIT + 1 - len(whole)))
            return grown
        return self.mutants / "cardmint-mutant.so"

    def run(self, mutation, rows):
        home = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        shutil.rmtree(home)
        shutil.copytree(self.home, home, symlinks=True)
        begin = time.monotonic()
        try:
            module = self.module_for(mutation, home)
            name = mutation.name if mutation.runs and not mutation.file else ""
            inf = mutation.file if mutation.file.startswith("inf") else "inf"
            results, says = self.certify(module, rows, home, name, inf)
        finally:
            shutil.rmtree(home, ignore_errors=True)
            for rest in self.folder.glob(home.name + "[.-]*"):
                rest.unlink()
        return results, says, time.monotonic() - begin


def function_of(rows, row_id):
    return rows[row_id]["function"] if row_id in rows else ""


def chapter(rows, row_id):
    """What belongs together: a function, or the section where there is none."""
    row = rows.get(row_id)
    return "" if row is None else row["function"] or row["section"]


def select(rows, mutation):
    """The rows of the mutation's function and of those it names, and the sample."""
    wanted = {chapter(rows, i) for i in mutation.ids if i in rows}
    if mutation.function in {r["function"] for r in rows.values()} and \
            not all(i.startswith("CMR.1.") for i in mutation.ids):
        wanted.add(mutation.function)
    chosen = set(SAMPLE) | set(mutation.ids)
    slow = any(rows[i]["kind"] == "performance" for i in mutation.ids if i in rows)
    return [i for i, row in rows.items() if row["tested"] and
            (i in chosen or chapter(rows, i) in wanted and
             (slow or row["kind"] != "performance"))]


def fails(result):
    return result is not None and result["status"] == "fail" and not result.get("blocked")


def may_spread(rows, mutation, row_id):
    for also in mutation.also:
        if also == "*" or row_id == also or row_id.startswith(also.rstrip(".") + "."):
            return True
    if chapter(rows, row_id) in {chapter(rows, i) for i in mutation.ids}:
        return True  # of two errors at once, each row of the function looks at others
    return row_id.split(".")[0] in ("S", "T")  # they go through many functions


class Verdict:
    def __init__(self, mutation, results, says, seconds, rows, baseline):
        self.mutation, self.seconds = mutation, seconds
        self.missed, self.spread, self.inapplicable = [], [], []
        if results is None:
            self.missed = [(i, "no report: " + says.strip()[-200:]) for i in mutation.ids]
            return
        for i in mutation.ids:
            before = baseline.get(i)
            if i not in rows:
                self.missed.append((i, "the kit has no such requirement"))
            elif before is not None and before["status"] == "not-applicable" and \
                    not fails(results.get(i)):
                self.inapplicable.append((i, before["detail"]))
            elif fails(before):
                self.missed.append((i, "fails with the whole module, too"))
            elif not fails(results.get(i)):
                r = results.get(i)
                what = "not run" if r is None else "blocked" if r.get("blocked") else r["status"]
                self.missed.append((i, what + (": " + r["detail"] if r and r["detail"] else "")))
        for i, r in results.items():
            if fails(r) and i not in mutation.ids and not fails(baseline.get(i)) and \
                    not may_spread(rows, mutation, i):
                self.spread.append((i, f'{r["expected"]} / {r["got"] or r["detail"]}'))


def pick(mutations, args):
    chosen = [m for m in mutations if m.runs]
    if args.names:
        chosen = [m for m in chosen
                  if any(m.name == n or m.name.startswith(n) for n in args.names)]
    if args.sample:
        step = max(1, len(chosen) // args.sample)
        chosen = chosen[step // 2::step][:args.sample]
    return chosen


def run_all(bench, chosen, rows, baseline, args):
    verdicts = []
    begin = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        def one(m):
            if args.limit and time.monotonic() - begin > args.limit * 60:
                return Verdict(m, None, "the time is over", 0, rows, baseline)
            wanted = None if args.all else select(rows, m)
            return Verdict(m, *bench.run(m, wanted), rows, baseline)
        for done in concurrent.futures.as_completed([pool.submit(one, m) for m in chosen]):
            v = done.result()
            verdicts.append(v)
            mark = "MISSED" if v.missed else "n/a" if v.inapplicable else "caught"
            if v.missed or v.spread or args.verbose:
                say(f"{len(verdicts)}/{len(chosen)} {mark} {v.mutation.name} "
                    f"{v.seconds:.1f} s" + (f", spread to {len(v.spread)}" if v.spread else ""))
            elif len(verdicts) % 25 == 0:
                say(f"{len(verdicts)}/{len(chosen)}, {time.monotonic() - begin:.0f} s")
    order = {m.name: n for n, m in enumerate(chosen)}
    return sorted(verdicts, key=lambda v: order[v.mutation.name])


def report(verdicts, seconds):
    missed = [v for v in verdicts if v.missed]
    spread = [v for v in verdicts if v.spread]
    none = [v for v in verdicts if v.inapplicable and not v.missed]
    if missed:
        say("\nnot caught:")
        for v in missed:
            for i, why in v.missed:
                say(f"  {v.mutation.name:40} {i:16} {why}")
    if spread:
        say("\nfails elsewhere:")
        for v in spread:
            for i, why in v.spread:
                say(f"  {v.mutation.name:40} {i:16} {why[:150]}")
    if none:
        say("\nnot applicable on these cards:")
        for v in none:
            for i, why in v.inapplicable:
                say(f"  {v.mutation.name:40} {i:16} {why}")
    judged = len(verdicts) - len(none)
    share = 100.0 * (judged - len(missed)) / judged if judged else 100.0
    say(f"\n{judged - len(missed)} of {judged} mutations caught: {share:.1f} %; "
        f"{len(spread)} fail elsewhere; {len(none)} not applicable; {seconds:.0f} s")
    return not missed and not spread


# ---- the tables, without a run -----------------------------------------------------------------


COLUMNS = ("id", "section", "function", "kind")
STEPS = 258  # calls that the closed tool's log shows


def the_csv(name="cmr.csv"):
    with open(pathlib.Path(__file__).with_name(name), newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f))


def check_table(bench, rows):
    mutations = list(bench.mutations())
    broken = {i for m in mutations if m.runs for i in m.ids}
    excused = {i: m.reason for m in mutations if not m.runs for i in m.ids}
    wrong = [f"{i}: no mutation breaks it" for i, r in rows.items()
             if r["tested"] and i not in broken and not excused.get(i)]
    wrong += [f"{i}: of the document, neither broken nor excused"
              for i in (r["id"] for r in the_csv()) if i not in broken and i not in excused]
    wrong += [f"{m.name}: the kit has no {i}" for m in mutations for i in m.ids if i not in rows]
    names = collections.Counter(m.name for m in mutations)
    wrong += [f"{n}: two mutations of one name" for n, count in names.items() if count > 1]
    for m in mutations:
        if m.also and not m.reason:
            wrong.append(f"{m.name}: why may it spread?")
    order = [m.ids[0] for m in mutations if m.ids[0].startswith("CMR.")]
    place = {r["id"]: n for n, r in enumerate(the_csv())}
    for before, after in zip(order, order[1:]):
        if place.get(before, 0) > place.get(after, 0):
            wrong.append(f"{after} stands behind {before}")
    for line in wrong:
        say(line)
    say(f"{sum(m.runs for m in mutations)} mutations of {len(broken)} requirements, "
        f"{len(excused)} that cannot be broken, {len(wrong)} wrong")
    return not wrong


def differences(listed, have):
    """The rows of a csv, and those the kit has, one by one."""
    for want, row in zip(listed, have):
        for column in COLUMNS:
            if want[column] != row[column]:
                yield f'{want["id"]}: {column} {row[column]!r}, not {want[column]!r}'
        if want["mark"] == "optional" and not row["optional"]:
            yield f'{want["id"]}: it is optional'
    if len(have) != len(listed):
        yield f"{len(have)} rows, not {len(listed)}"


def check_steps(rows):
    """Each call has a row, of a test that there is and that can be run."""
    by_id = {r["id"]: r for r in rows}
    steps = the_csv("steps.csv")
    if [s["step"] for s in steps] != [str(n) for n in range(1, STEPS + 1)]:
        yield f"steps.csv: not 1 to {STEPS}, one behind the other"
    for step in steps:
        ids = step["rows"].split()
        if not ids:
            yield f'step {step["step"]}: no row'
        for i in ids:
            row = by_id.get(i)
            if row is None or not row["tested"] or not row["closed_tool"]:
                yield f'step {step["step"]}: {i} is no row that is run and belongs to a test'
    makes = {i for s in steps for i in s["rows"].split()}
    for i in by_id:
        if i.startswith("T.Card") and i not in makes:
            yield f"{i}: which calls does it make?"


def check_rows(rows):
    of_document = [r for r in rows if r["id"].startswith("CMR.")]
    own = [r for r in rows if not r["id"].startswith("CMR.")]
    wrong = [*differences(the_csv(), of_document), *differences(the_csv("own.csv"), own),
             *check_steps(rows)]
    wrong += [f'{r["id"]}: an id of no kind' for r in own
              if r["id"].split(".")[0] not in ("N", "S", "T", "V6", "V7")]
    for line in wrong[:40]:
        say(line)
    say(f"{len(of_document)} rows of the document, {len(own)} others, {len(wrong)} wrong")
    return not wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--all", action="store_true", help="against all rows")
    parser.add_argument("--sample", type=int, default=0, help="this many mutations only")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--limit", type=float, default=0, help="minutes")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--mutants", type=pathlib.Path, help="folder of cardmint-mutant.so")
    parser.add_argument("--check-table", action="store_true")
    parser.add_argument("--check-rows", action="store_true")
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="cardmint-mutants-") as folder:
        build = args.build.resolve()
        bench = Bench(build, (args.mutants or build / "tests/kit/mutant").resolve(), folder)
        rows = {r["id"]: r for r in bench.rows()}
        if args.check_rows:
            sys.exit(not check_rows(bench.rows()))
        if args.check_table:
            sys.exit(not check_table(bench, rows))
        chosen = pick(list(bench.mutations()), args)
        if not chosen:
            sys.exit("no such mutation")
        bench.prepare()
        wanted = {i for m in chosen for i in select(rows, m)}
        nothing = Mutation("", [], "", [], "", "", True)
        some = [i for i in rows if i in wanted] if len(wanted) < 100 and not args.all else None
        baseline, says, seconds = bench.run(nothing, some)
        if baseline is None:
            sys.exit("the kit does not run: " + says)
        say(f"{len(chosen)} mutations; with nothing broken {len(baseline)} rows take "
            f"{seconds:.0f} s, {sum(map(fails, baseline.values()))} fail: "
            + " ".join(i for i, r in baseline.items() if r["status"] == "fail"))
        good = report(run_all(bench, chosen, rows, baseline, args), time.monotonic() - begin)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
