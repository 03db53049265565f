#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""all.py CARDMINT [PROFILE [sanitized]]: the whole kit on our module and two fresh software cards. None
fails; all 383 are accounted for; what does not apply says why, and on a GIDS card is what is listed
here. A module built with sanitizers is larger than a module may be: the kit has to say so."""
import json
import subprocess
import sys

# Our software card: all kinds of keys, no counter for the admin key, padding of its own; it can be
# written to, and PINs are not typed at the reader.
NOT_APPLICABLE = {
    "CMR.1.5.2", "CMR.3.2.2.7", "CMR.3.2.3.E7", "CMR.3.3.2.E15", "CMR.4.2.1.E7", "CMR.4.3.6.E6",
    "T.InstCheckINF", "T.InstRegistration", "T.SanityTest.2", "V6.1.3",
}
INSPECTED = {"CMR.1.0.0", "CMR.1.0.8"}

PROFILE = sys.argv[2] if len(sys.argv) > 2 else "gids"
TOO_LARGE = {"CMR.1.1.2", "T.InstMaxSize"} if sys.argv[3:] == ["sanitized"] else set()
run = subprocess.run([sys.argv[1], "certify", "--profile", PROFILE, "--json"],
                     capture_output=True, text=True)
report = json.loads(run.stdout)["results"]
bad = 0


def complain(what):
    global bad
    bad += 1
    print("FAILED:", what)


def ids(status):
    return {r["id"] for r in report if r["status"] == status}


for r in report:
    if (r["status"] == "fail") != (r["id"] in TOO_LARGE):
        complain(f"{r['id']}: expected {r['expected']}, got {r['got']} {r['detail']}")
    if r["status"] == "not-applicable" and not r["detail"]:
        complain(f"{r['id']}: does not apply, and does not say why")
if PROFILE == "gids" and ids("not-applicable") != NOT_APPLICABLE:
    complain(f"not applicable: {sorted(ids('not-applicable') ^ NOT_APPLICABLE)} differ")
if ids("inspected") != INSPECTED:
    complain(f"inspected: {sorted(ids('inspected') ^ INSPECTED)} differ")
count = len({r["id"] for r in report if r["id"].startswith("CMR.")})
if count != 383:
    complain(f"{count} requirements of the document, not 383")
if run.returncode != (1 if TOO_LARGE else 0) or run.stderr:
    complain(f"exit code {run.returncode}, {run.stderr}")
print(f"{len(report)} requirements, {len(ids('pass'))} pass; {bad} complaints")
sys.exit(bad != 0)
