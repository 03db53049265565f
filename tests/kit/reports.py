# SPDX-License-Identifier: MIT
"""reports.py WRITE_REPORTS: what other programs read of the four reports, and that nothing in a
module's words reaches their reader as anything but text."""
import html.parser
import json
import os
import subprocess
import sys
import tempfile
import unicodedata
import xml.etree.ElementTree as ET

failed = 0


def check(title, condition, seen=""):
    global failed
    if not condition:
        failed += 1
        print("FAILED:", title, seen)


def read(folder, name):
    with open(os.path.join(folder, name), "rb") as f:
        return f.read().decode("utf-8")  # strict: invalid bytes end the test


def harmless(name, text, allowed=""):
    bad = {hex(ord(c)) for c in text
           if (unicodedata.category(c) in ("Cc", "Cf", "Cs", "Cn") or ord(c) in (0x2028, 0x2029))
           and c not in allowed}
    check(f"{name} has no control characters", not bad, bad)


def check_json(folder):
    report = json.loads(read(folder, "report.json"))
    results = report["results"]
    by_id = {r["id"]: r for r in results}
    check("seven results", len(results) == 7 and len(by_id) == 7)
    for r in results:
        for name, kind in (("id", str), ("status", str), ("expected", str), ("got", str),
                           ("ms", float), ("detail", str), ("section", str), ("function", str),
                           ("kind", str), ("words", str), ("versions", list), ("blocked", bool),
                           ("log", list), ("optional", bool)):
            check(f"{r['id']} has {name}", isinstance(r.get(name), kind), r.get(name))
        for text in [v for v in r.values() if isinstance(v, str)] + r["log"]:
            harmless("a text of report.json", text, "\t")
    check("summary", report["summary"] == {"total": 7, "pass": 1, "fail": 4, "not-applicable": 1,
                                           "inspected": 1}, report["summary"])
    first, blocked = by_id["CMR.3.4.3.1"], by_id["CMR.3.4.3.2"]
    check("versions", first["versions"] == [4, 5])
    check("milliseconds", first["ms"] == 1.5 and blocked["ms"] == 2000.25)
    check("log lines", len(first["log"]) == 4 and first["log"][0] == "-- version 5" and
          first["log"][2] == "" and first["log"][3] == "\tlast", first["log"])
    check("what is text stays", all(w in first["got"] for w in (
        '"quoted"', "<script>alert(1)</script>", "&amp;", "\u4e2d\u6587", "\U0001f511 end")),
        first["got"])
    check("blocked", blocked["blocked"] and blocked["status"] == "fail" and blocked["optional"])
    check("inspected", by_id["CMR.1.0.2"]["status"] == "inspected")
    check("about", report["about"]["version"] == "1.2.3" and report["about"]["ms"] == 12345.6)
    empty = json.loads(read(folder, "empty-report.json"))
    check("empty results", empty["results"] == [] and empty["summary"]["total"] == 0)
    check("empty about", empty["about"]["module"] is None)
    return by_id


def check_tool(by_id):
    expected = {"CMR.3.4.3.1": "Pass", "CMR.3.4.3.2": "Blocked", "CMR.3.4.3.E1": "Warn",
                "CMR.3.4.3.E2": "Fail", "CMR.3.4.3.E3": "Warn", "CMR.4.3.2.1": "Skipped"}
    for id_, verdict in expected.items():
        tool = by_id[id_]["closed_tool"]
        check(f"{id_}: the closed tool says {verdict}", tool and tool["verdict"] == verdict, tool)
    check("its test", by_id["CMR.3.4.3.E1"]["closed_tool"]["test"] == "CardReadFile Negative")
    check("none", by_id["CMR.1.0.2"]["closed_tool"] is None)


def check_junit(folder):
    text = read(folder, "junit.xml")
    harmless("junit.xml", text, "\n\t")
    root = ET.fromstring(text)
    check("counts", [root.get(n) for n in ("tests", "failures", "errors", "skipped")] ==
          ["7", "3", "1", "2"], root.attrib)
    suites = root.findall("testsuite")
    check("a suite for each section", [s.get("tests") for s in suites] == ["2", "3", "1", "1"])
    check("timestamp", suites[0].get("timestamp") == "2026-01-02T03:04:05Z")
    cases = {c.get("name"): c for c in root.iter("testcase")}
    check("cases", len(cases) == 7)
    check("class", cases["CMR.3.4.3.E1"].get("classname") == "CardReadFile.error")
    check("failure", "FILE_NOT_FOUND" in cases["CMR.3.4.3.E1"].find("failure").get("message"))
    check("error", cases["CMR.3.4.3.2"].find("error") is not None)
    check("skipped", cases["CMR.4.3.2.1"].find("skipped").get("message") ==
          "the card has no elliptic curves")
    check("no script in it", root.find(".//script") is None)
    empty = ET.fromstring(read(folder, "empty-junit.xml"))
    check("empty", empty.get("tests") == "0" and len(empty) == 0)


class Page(html.parser.HTMLParser):
    """Tags must be closed in order; what is fetched is noted."""
    void = {"meta", "input", "br", "img", "link"}

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.fetched, self.problems = [], [], [], []
        self.details, self.in_script, self.text = [], False, ""

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append(tag)
        self.in_script = tag == "script"
        self.fetched += [v for k, v in attrs.items() if k in ("src", "href", "action", "data")]
        self.problems += [k for k in attrs if k.startswith("on")]
        if tag == "details":
            self.details.append(attrs)
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag):
        self.in_script = False
        if not self.open or self.open.pop() != tag:
            self.problems.append("</" + tag)

    def handle_data(self, data):
        if not self.in_script:
            self.text += data


def check_html(folder):
    text = read(folder, "report.html")
    harmless("report.html", text, "\n\t")
    page = Page()
    page.feed(text)
    page.close()
    check("well nested", page.problems == [] and page.open == [], (page.problems, page.open))
    check("nothing is fetched", page.fetched == [] and "http" not in text.replace("http-equiv", "")
          and "@import" not in text and "url(" not in text, page.fetched)
    check("one script, and it is ours", page.tags.count("script") == 1)
    check("no other tag of a module's", "alert(1)" in page.text and "iframe" not in page.tags)
    check("a row for each", len(page.details) == 7 and
          {d["id"] for d in page.details} >= {"CMR.3.4.3.1", "CMR.1.0.2"})
    check("their states", sorted(d["class"] for d in page.details) ==
          ["blocked", "fail", "fail", "fail", "inspected", "not-applicable", "pass"])
    check("what fails is open", {d["id"] for d in page.details if "open" in d} ==
          {"CMR.3.4.3.2", "CMR.3.4.3.E1", "CMR.3.4.3.E2", "CMR.3.4.3.E3"})
    check("verdict", "4 of 7 requirements fail." in page.text)
    check("dark, too", "prefers-color-scheme: dark" in text)
    empty = Page()
    empty.feed(read(folder, "empty-report.html"))
    check("empty", "Nothing was run." in empty.text and empty.problems == [])


def check_table(folder):
    text = read(folder, "table.txt")
    harmless("table.txt", text, "\n")
    rows = [line.split() for line in text.splitlines()]
    for id_ in ("CMR.3.4.3.1", "CMR.1.0.2", "CMR.4.3.2.1"):
        check(f"{id_} is in the table once", sum(id_ in row for row in rows) == 1)
    check("what fails comes twice", sum("CMR.3.4.3.E2" in row for row in rows) == 2)
    check("summary last", text.splitlines()[-1] ==
          "7 requirements: 1 pass, 4 fail (1 blocked), 1 not applicable, 1 to be inspected; 12.3 s",
          text.splitlines()[-1])
    check("the reason", "because   the card has no elliptic curves" in text)
    harmless("colour.txt", read(folder, "colour.txt"), "\n\033")
    check("colours", "\033[1;31mFAIL" in read(folder, "colour.txt"))
    check("empty", read(folder, "empty-table.txt").strip() ==
          "0 requirements: 0 pass, 0 fail, 0 not applicable, 0 to be inspected; 0.0 s")


with tempfile.TemporaryDirectory() as out:
    subprocess.run([sys.argv[1], out], check=True)
    check_tool(check_json(out))
    check_junit(out)
    check_html(out)
    check_table(out)
sys.exit(failed != 0)
