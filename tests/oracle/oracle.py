#!/usr/bin/env python3
"""The permission oracle: random templates, roles, teams, records and shares; a small model of who may do what, written
apart from the program; and every answer of the program over HTTP compared with it. A denied write must leave nothing.

  tests/oracle/oracle.py --bin target/debug/trellis [--cases 1000] [--seed 1]      starts a server of its own
"""
import argparse, http.client, json, random, re, sys

sys.dont_write_bytecode = True
from urllib.parse import quote

from house import House, PASSWORD, Person
from world import VERBS, make_condition, parse_condition

USERS, RECORDS, SHARES = 5, 14, 12


# ---- The model --------------------------------------------------------------------------------------------------------

class Model:
    def __init__(self, template):
        self.modules = {k: {f["key"]: f for f in m["fields"]} for k, m in template["modules"].items()}
        self.titles = {k: re.findall(r"[a-z]\dx[0-9a-f]{6}", m["title"]) for k, m in template["modules"].items()}
        self.views = {k: m["views"][0]["filter"] for k, m in template["modules"].items()}
        self.records, self.shares, self.people, self.teams, self.roles = {}, [], {}, {}, {}
        for role in template["roles"]:
            base = self.roles.get(role.get("extends"), {"modules": {}, "fields": {}})
            modules = {k: dict(base["modules"].get(k, base["modules"].get("*", {}))) | role["modules"].get(k, {}) for k in [*self.modules, *role["modules"]]}
            self.roles[role["key"]] = {"modules": modules, "fields": base["fields"] | role.get("fields", {})}
    def scope(self, who, module, verb):
        if who == "owner":
            return "all"
        modules = self.roles[self.people[who]["role"]]["modules"]
        return modules.get(module, modules.get("*", {})).get(verb, "none")
    def where(self, who, module):
        text = None if who == "owner" else self.roles[self.people[who]["role"]]["modules"].get(module, {}).get("where")
        return parse_condition(text)[1] if text else lambda record, user: True
    def field(self, who, module, key):
        return "write" if who == "owner" else self.roles[self.people[who]["role"]]["fields"].get(f"{module}.{key}", "write")
    def team(self, who):
        led = {t for t, team in self.teams.items() if team["manager"] == who}
        while more := {t for t, team in self.teams.items() if team["parent"] in led} - led:
            led |= more
        own = self.people[who]["team"]
        return {who} | {p for p, person in self.people.items() if person["team"] and (person["team"] in led or person["team"] == own)}
    def in_scope(self, who, scope, owner):
        return {"none": False, "own": owner == who, "team": scope == "team" and owner in self.team(who), "all": True}[scope]
    def may(self, who, verb, record):
        scope = self.scope(who, record["module"], verb)
        if scope == "none":
            return False
        if self.in_scope(who, scope, record["owner"]) and self.where(who, record["module"])(record, who):
            return True
        person = self.people.get(who, {})
        mine = {("user", who), ("role", person.get("role")), ("team", person.get("team"))}
        levels = {"read": ("read", "update"), "update": ("update",)}.get(verb, ())
        return any(s["record"] == record["id"] and s["with"] in mine and s["level"] in levels for s in self.shares)
    def reads(self, who, record):
        return self.may(who, "read", record)
    def asks(self, who, module, key):
        """Whether a field may be filtered and sorted by."""
        if key == "title":
            return all(self.asks(who, module, k) for k in self.titles[module])
        return key in (None, "created_at") or self.field(who, module, key) in ("read", "write")
    def title(self, who, record):
        words = [record["data"].get(k) for k in self.titles[record["module"]] if who == "owner" or self.asks(who, record["module"], k)]
        words = [w for w in words if w]
        return " ".join(words) or f"Untitled thing{record['module'][-1]}"
    def mask(self, module, key, value):
        if value is None:
            return None
        text = value if self.modules[module][key]["type"] == "text" else ""
        return "•••" + (text[-4:] if len(text) >= 12 else text[-2:] if len(text) >= 6 else "")
    def shown(self, who, module, key, value):
        return self.mask(module, key, value) if self.field(who, module, key) == "masked" else value
    def face(self, who, record):
        data = {}
        for key, value in record["data"].items():
            if self.field(who, record["module"], key) == "hidden":
                continue
            data[key] = self.shown(who, record["module"], key, value)
            if key == "up" and self.field(who, record["module"], key) != "masked":
                target = self.records[value]
                data[key] = {"id": value, "title": self.title(who, target) if self.reads(who, target) else None}
        can = {verb: self.may(who, verb, record) for verb in ("update", "delete")}
        return {"title": self.title(who, record), "version": record["version"], "data": data, "stage": record["stage"], "owner": record["owner"], "can": can}
    def words(self, who, record):
        fields = self.modules[record["module"]]
        keys = [k for k, f in fields.items() if f["type"] == "text" and f.get("searchable", True) and self.asks(who, record["module"], k)]
        title = [self.title(who, record)] if self.asks(who, record["module"], "title") else []
        return "\n".join(title + [record["data"].get(k) or "" for k in keys]).lower()
    def living(self, who, module):
        found = [r for r in self.records.values() if r["module"] == module and not r["deleted"] and self.reads(who, r)]
        return sorted(found, key=lambda r: r["id"], reverse=True)
    def sorted(self, who, module, key, descending):
        options = [option["key"] for option in self.modules[module].get(key, {}).get("options", [])]
        fold = lambda v: options.index(v) if v in options else v.lower() if isinstance(v, str) else v
        value = lambda r: fold(self.title("owner", r) if key == "title" else r["data"].get(key))
        records = self.living(who, module)
        empty = sorted([r for r in records if value(r) is None], key=lambda r: r["id"], reverse=descending)
        return sorted([r for r in records if value(r) is not None], key=lambda r: (value(r), r["id"]), reverse=descending) + empty
    def secrets(self, who):
        """Words that nothing answered to somebody may hold: values and keys that are kept from them, and that are no
        part of a value that they may read."""
        words, known = set(), []
        for module, fields in self.modules.items():
            words |= {k for k in fields if k != "up" and self.field(who, module, k) == "hidden"}
        for record in self.records.values():
            reads = self.reads(who, record)
            for key, value in record["data"].items():
                if self.modules[record["module"]][key]["type"] == "text":
                    if reads and self.asks(who, record["module"], key):
                        known.append(value)
                    else:
                        words.add(value)
        return {word for word in words if not any(word in value for value in known)}


class Trial:
    """One workspace of a random template, its model, and the comparisons."""
    def __init__(self, house, seed):
        self.house, self.rng, self.seed, self.cases, self.wrong = house, random.Random(seed), seed, 0, []
        self.template, self.slug = house.templates[seed], f"world{seed}"
        self.model, self.made = Model(self.template), 0
        email = f"owner@{self.slug}.example"
        link = http.client.HTTPConnection("127.0.0.1", house.port)
        body = {"name": "Olga Owner", "email": email, "password": PASSWORD, "company": self.slug, "slug": self.slug}
        link.request("POST", "/api/v1/signup", json.dumps(body), {"content-type": "application/json"})
        answer = link.getresponse()
        assert answer.status == 201, answer.read()
        self.owner = Person(house.port, email, self.slug, "owner")
        self.expect(self.owner.send("POST", "/api/v1/workspace/template", {"template": f"oracle{seed}", "samples": False}), 201)
        self.people = {}
        for n in range(USERS):
            house.command("user", "create", "--email", f"user{n}@oracle.example", "--name", f"User {n}", "--password-stdin", "--tenant", self.slug, "--role", "worker")
            person = Person(house.port, f"user{n}@oracle.example", self.slug, f"user{n}")
            self.people[person.user] = person
        self.arrange()
        for _ in range(RECORDS):
            for module in self.model.modules:
                self.write_as(self.owner, "owner", "create", module, None)
        for _ in range(SHARES):
            module = self.rng.choice(list(self.model.modules))
            self.write_as(self.owner, "owner", "share", module, self.pick(module))
    def expect(self, answer, status):
        assert answer[0] == status, f"seed {self.seed}: {answer}"
        return answer[2]
    def arrange(self):
        rng, users = self.rng, list(self.people)
        for n in range(3):
            team = {"key": f"team{n}", "name": f"Team {n}", "parent": rng.choice([None] + [f"team{m}" for m in range(n)]), "manager": rng.choice([None, *users])}
            self.expect(self.owner.send("POST", "/api/v1/teams", team), 201)
            self.model.teams[team["key"]] = team
        for user in users:
            change = {"role": f"role{rng.randrange(4)}", "team": rng.choice([None, "team0", "team1", "team2"])}
            self.expect(self.owner.send("PATCH", f"/api/v1/members/{user}", change), 200)
            self.model.people[user] = change
    def check(self, what, expected, found):
        self.cases += 1
        if expected != found:
            self.wrong.append(f"seed {self.seed}, {what}\n  expected {json.dumps(expected, ensure_ascii=False)}\n  found    {json.dumps(found, ensure_ascii=False)}")
    def ask(self, person, who, path):
        """A read, with the check that it holds nothing that is kept from the reader."""
        status, _, answer = person.send("GET", path)
        told = sorted(word for word in self.model.secrets(who) if word in person.text and word not in path) if who != "owner" else []
        if told or status >= 500:
            self.wrong.append(f"seed {self.seed}, {person.name}: GET {path} ({status}) tells of {told}")
        return status, answer

    # Reads: each compares one answer.
    def read(self, person, who):
        module = self.rng.choice(list(self.model.modules))
        if self.model.scope(who, module, "read") == "none":
            return self.check(f"{person.name} list {module}", 404, self.ask(person, who, f"/api/v1/records/{module}")[0])
        getattr(self, self.rng.choice(["get", "get", "list", "search", "filter", "sort", "group", "history", "choices", "view", "describe", "pages"]))(person, who, module)
    def pick(self, module):
        return self.rng.choice([r for r in self.model.records.values() if r["module"] == module])
    def get(self, person, who, module):
        record = self.pick(module)
        status, answer = self.ask(person, who, f"/api/v1/records/{module}/{record['id']}")
        found = self.plain(answer) if status == 200 else status
        self.check(f"{person.name} get {module}/{record['id']}", self.model.face(who, record) if self.model.reads(who, record) else 404, found)
    def plain(self, answer):
        owner = answer["owner"]["id"] if answer["owner"] else None
        return {k: answer[k] for k in ("title", "version", "data", "stage", "can")} | {"owner": self.known(owner)}
    def known(self, user):
        return "owner" if user == self.owner.user else user
    def listed(self, person, who, module, query, records):
        status, answer = self.ask(person, who, f"/api/v1/records/{module}?limit=100&count=exact&{query}")
        found = [[r["id"] for r in answer["data"]], answer["count"]["value"]] if status == 200 else status
        expected = records if isinstance(records, int) else [[r["id"] for r in records], len(records)]
        self.check(f"{person.name} list {module} {query}", expected, found)
    def list(self, person, who, module):
        self.listed(person, who, module, "", self.model.living(who, module))
        if len(records := self.model.living(who, module)) > 3:
            _, first = self.ask(person, who, f"/api/v1/records/{module}?limit=2")
            _, second = self.ask(person, who, f"/api/v1/records/{module}?limit=2&cursor={quote(first['next'])}")
            self.check(f"{person.name} pages of {module}", [r["id"] for r in records[:4]], [r["id"] for r in first["data"] + second["data"]])
    def search(self, person, who, module):
        values = [v for v in self.pick(module)["data"].values() if isinstance(v, str) and len(v) > 4 and "-" not in v]
        word = self.rng.choice(values or ["nothing"])[1:6]
        self.listed(person, who, module, f"q={word}", [r for r in self.model.living(who, module) if word.lower() in self.model.words(who, r)])
    def filter(self, person, who, module):
        text, key, test = make_condition(self.rng, self.model.modules[module], module == "mod0")
        expected = [r for r in self.model.living(who, module) if test(r, who)] if self.model.asks(who, module, key) else 422
        self.listed(person, who, module, f"filter={quote(text)}", expected)
    def sort(self, person, who, module):
        key = self.rng.choice([k for k in self.model.modules[module] if k != "up"] + ["title"])
        descending = self.rng.random() < 0.5
        expected = self.model.sorted(who, module, key, descending) if self.model.asks(who, module, key) else 422
        self.listed(person, who, module, f"sort={'-' if descending else ''}{key}", expected)
    def group(self, person, who, module):
        by, of = (next(k for k, f in self.model.modules[module].items() if f["type"] == kind) for kind in ("choice", "integer"))
        status, answer = self.ask(person, who, f"/api/v1/records/{module}/aggregate?group_by={by}&measure=count,sum:{of}")
        groups = {}
        for record in self.model.living(who, module):
            count, total = groups.get(record["data"].get(by), (0, None))
            value = record["data"].get(of)
            groups[record["data"].get(by)] = (count + 1, total if value is None else (total or 0) + value)
        expected = sorted([str(k), n, total] for k, (n, total) in groups.items()) if self.model.asks(who, module, by) and self.model.asks(who, module, of) else 422
        number = lambda text: None if text is None else int(float(text))
        found = sorted([str(g["key"][by]), g["values"]["count"], number(g["values"][f"sum:{of}"])] for g in answer["data"]) if status == 200 else status
        self.check(f"{person.name} groups of {module}", expected, found)
    def view(self, person, who, module):
        key, test = parse_condition(self.model.views[module])
        expected = [r for r in self.model.living(who, module) if test(r, who)] if self.model.asks(who, module, key) else 422
        self.listed(person, who, module, "view=only", expected)
    def history(self, person, who, module):
        record = self.pick(module)
        status, answer = self.ask(person, who, f"/api/v1/records/{module}/{record['id']}/history")
        found = [[e["action"], e["changes"]] for e in answer["data"]] if status == 200 else status
        expected = []
        for action, changes in record["log"]:
            seen = {k: c if k in ("owner", "stage") else {side: self.model.shown(who, module, k, v) for side, v in c.items()}
                    for k, c in changes.items() if k in ("owner", "stage") or self.model.field(who, module, k) != "hidden"}
            expected = expected if action == "updated" and not seen else [[action, seen], *expected]
        found = [e for e in found if e[0] != "shared"] if isinstance(found, list) else found
        self.check(f"{person.name} history {module}/{record['id']}", expected if self.model.reads(who, record) else 404, found)
    def choices(self, person, who, module):
        values = [v for v in self.pick(module)["data"].values() if isinstance(v, str) and len(v) > 4 and "-" not in v]
        word = self.rng.choice(values + [""])[:5]
        _, answer = self.ask(person, who, f"/m/{module}/choices?q={word}")
        records = [r for r in self.model.living(who, module) if word.lower() in self.model.words(who, r)] if word else self.model.living(who, module)
        self.check(f"{person.name} choices {module} {word}", sorted([r["id"], self.model.title(who, r)] for r in records), sorted([o["value"], o["label"]] for o in answer["options"]))
    def describe(self, person, who, module):
        _, api = self.ask(person, who, "/api/v1/openapi.json")
        name = module.capitalize()
        seen = {k: self.model.field(who, module, k) for k in self.model.modules[module] if self.model.field(who, module, k) != "hidden"}
        properties = lambda schema: sorted(api["components"]["schemas"][schema]["properties"]["data"]["properties"])
        self.check(f"{person.name} openapi {module}", [sorted(seen), sorted(k for k, a in seen.items() if a == "write")], [properties(name), properties(f"{name}Input")])
        _, boot = self.ask(person, who, "/api/v1/bootstrap")
        found = next(m for m in boot["modules"] if m["key"] == module)
        can = {verb: self.model.scope(who, module, verb) for verb in VERBS}
        self.check(f"{person.name} bootstrap {module}", [sorted(seen), can], [sorted(f["key"] for f in found["fields"]), {v: found["can"][v] for v in VERBS}])
    def pages(self, person, who, module):
        record = self.pick(module)
        self.check(f"{person.name} page of {module}", 200, self.ask(person, who, f"/m/{module}")[0])
        for tail in ("", "/history", "/edit"):
            status, _ = self.ask(person, who, f"/m/{module}/r/{record['id']}{tail}")
            if tail != "/edit":
                self.check(f"{person.name} page {tail} of {module}/{record['id']}", 200 if self.model.reads(who, record) else 404, status)

    # Writes: the model says what must be answered; what is refused must leave nothing.
    def write(self, person, who):
        module = self.rng.choice(list(self.model.modules))
        self.write_as(person, who, self.rng.choice(["create", "update", "update", "update", "delete", "restore", "share"]), module, self.pick(module))
    def write_as(self, person, who, verb, module, record):
        getattr(self, f"do_{verb}")(person, who, module, record)
        if record:
            self.check(f"after {person.name} {verb} {module}/{record['id']}", self.model.face("owner", record), self.plain(self.owner.send("GET", f"/api/v1/records/{module}/{record['id']}")[2]))
    def values(self, module):
        data, rng = {}, self.rng
        for key, field in self.model.modules[module].items():
            if rng.random() < 0.6:
                targets = [r["id"] for r in self.model.records.values() if r["module"] == "mod0" and not r["deleted"]]
                text = "".join(rng.choice("bcdfghjklmnpqrstvwxz") for _ in range(rng.choice([5, 8, 14])))
                data[key] = {"text": text, "integer": rng.randrange(10), "choice": rng.choice(["red", "blue"]), "relation": rng.choice(targets or [None])}[field["type"]]
        return {k: v for k, v in data.items() if v is not None}
    def faulty(self, who, module, news, record, owner, target):
        """Whether values must be refused. `news` is what was sent and differs from what is there."""
        if any(self.model.field(who, module, key) != "write" for key in news):
            return True
        if "up" in news and news["up"] and not self.model.reads(who, self.model.records[news["up"]]):
            return True
        scope = self.model.scope(who, module, "assign")
        if record and owner != record["owner"] and not self.model.may(who, "assign", record):
            return True
        if not record and owner != who and not self.model.in_scope(who, scope, who):
            return True
        return not self.model.where(who, module)(target, who)
    def do_create(self, person, who, module, _):
        data, owner = self.values(module), self.rng.choice([who, who, "owner", *self.people])
        body = {"data": data, "owner": self.owner.user if owner == "owner" else owner}
        target = {"module": module, "owner": owner, "stage": "start" if module == "mod0" else None, "data": data}
        before = self.count()
        status, _, answer = person.send("POST", f"/api/v1/records/{module}", body)
        scopes = [self.model.scope(who, module, verb) for verb in ("read", "create")]
        expected = 404 if scopes[0] == "none" else 403 if scopes[1] == "none" else 422 if self.faulty(who, module, data, None, owner, target) else 201
        self.check(f"{person.name} create {module} {body}", expected, status)
        if status == 201:
            changes = {k: {"from": None, "to": v} for k, v in data.items()}
            self.model.records[answer["id"]] = target | {"id": answer["id"], "version": 1, "deleted": False, "log": [("created", changes)]}
        else:
            self.check(f"rows after {person.name} create {module}", before, self.count())
    def count(self):
        return [self.owner.send("GET", f"/api/v1/records/{m}?limit=1&count=exact")[2]["count"]["value"] for m in self.model.modules]
    def gate(self, who, verb, record, deleted=False):
        """What stands before the values: 404, 403, or None."""
        if self.model.scope(who, record["module"], "read") == "none" or not self.model.reads(who, record):
            return 404
        if not self.model.may(who, verb, record):
            return 403
        return 404 if record["deleted"] != deleted else None
    def do_update(self, person, who, module, record):
        data = self.values(module)
        data = dict(self.rng.sample(sorted(data.items()), min(len(data), 2)))
        if self.rng.random() < 0.2 and record["data"]:
            data[self.rng.choice(sorted(record["data"]))] = None
        body, owner, stage = {"data": data}, record["owner"], record["stage"]
        if self.rng.random() < 0.25:
            owner = self.rng.choice([None, "owner", *self.people])
            body["owner"] = self.owner.user if owner == "owner" else owner
        if module == "mod0" and self.rng.random() < 0.25:
            stage = body["stage"] = self.rng.choice(["start", "end"])
        status, _, answer = person.send("PATCH", f"/api/v1/records/{module}/{record['id']}", body, version=record["version"])
        if status == 422:  # A field that is hidden is refused as one that is not there.
            told = {e["pointer"]: e["code"] for e in answer["errors"]}
            hidden = [k for k in data if self.model.field(who, module, k) == "hidden"]
            self.check(f"{person.name} update {module} names {hidden}", ["unknown_field"] * len(hidden), [told.get(f"/data/{k}") for k in hidden])
        # A value that stays as it is shown is no news; of a field that is not known, everything is.
        news = {k: v for k, v in data.items() if self.model.field(who, module, k) == "hidden" or self.model.shown(who, module, k, record["data"].get(k)) != v}
        after = {k: v for k, v in (record["data"] | news).items() if v is not None}
        target = record | {"owner": owner, "stage": stage, "data": after}
        expected = self.gate(who, "update", record) or (422 if self.faulty(who, module, news, record, owner, target) else 200)
        self.check(f"{person.name} update {module}/{record['id']} {body}", expected, status)
        if status == 200:
            pairs = {k: (record["data"].get(k), after.get(k)) for k in {**record["data"], **after}} | {"owner": (record["owner"], owner), "stage": (record["stage"], stage)}
            uuid = lambda v: self.owner.user if v == "owner" else v
            changes = {k: {"from": uuid(a), "to": uuid(b)} for k, (a, b) in pairs.items() if a != b}
            if changes:
                record.update(target | {"version": record["version"] + 1})
                record["log"].append(("updated", changes))
    def do_delete(self, person, who, module, record):
        status, _, _ = person.send("DELETE", f"/api/v1/records/{module}/{record['id']}", version=record["version"])
        self.check(f"{person.name} delete {module}/{record['id']}", self.gate(who, "delete", record) or 204, status)
        if status == 204:
            record.update(deleted=True, version=record["version"] + 1)
            record["log"].append(("deleted", {}))
    def do_restore(self, person, who, module, record):
        status, _, _ = person.send("POST", f"/api/v1/records/{module}/{record['id']}/restore", {})
        self.check(f"{person.name} restore {module}/{record['id']}", self.gate(who, "delete", record, True) or 200, status)
        if status == 200:
            record.update(deleted=False, version=record["version"] + 1)
            record["log"].append(("restored", {}))
    def do_share(self, person, who, module, record):
        kind, name = self.rng.choice([("user", self.rng.choice(list(self.people))), ("team", f"team{self.rng.randrange(3)}"), ("role", f"role{self.rng.randrange(4)}")])
        level = self.rng.choice(["read", "update"])
        status, _, _ = person.send("POST", f"/api/v1/records/{module}/{record['id']}/shares", {"with": {kind: name}, "level": level})
        refused = 404 if record["deleted"] else self.gate(who, "share", record)
        if refused is None and level == "update" and not self.model.may(who, "update", record):
            refused = 403
        self.check(f"{person.name} share {module}/{record['id']} {kind} {name} {level}", refused or 201, status)
        if status == 201:
            self.model.shares = [s for s in self.model.shares if (s["record"], s["with"]) != (record["id"], (kind, name))]
            self.model.shares.append({"record": record["id"], "with": (kind, name), "level": level})
    def run(self, cases):
        actors = [(person, user) for user, person in self.people.items()] * 4 + [(self.owner, "owner")]
        while self.cases < cases and len(self.wrong) < 20:
            person, who = self.rng.choice(actors)
            (self.write if self.rng.random() < 0.4 else self.read)(person, who)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, help="the program")
    parser.add_argument("--cases", type=int, default=1000, help="comparisons in all")
    parser.add_argument("--seed", type=int, default=1, help="the first world; a world is 250 cases")
    options = parser.parse_args()
    worlds = max(1, options.cases // 250)
    house, cases, wrong = House(options.bin, range(options.seed, options.seed + worlds)), 0, []
    try:
        house.ready()
        for seed in house.templates:
            trial = Trial(house, seed)
            trial.run(options.cases // worlds)
            cases, wrong = cases + trial.cases, wrong + trial.wrong
            if wrong:
                break
    finally:
        house.close()
    print("\n".join(wrong))
    print(f"oracle: {cases} cases in {worlds} worlds, {len(wrong)} disagreements")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
