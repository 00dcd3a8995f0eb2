"""Random templates for the oracle: the very data from which both the files (JSON is YAML) and the model are made."""
import json, os

SCOPES, VERBS = ["none", "own", "team", "all"], ["read", "create", "update", "delete", "assign", "share"]


def make_template(rng, key):
    modules = {}
    for number in range(2):
        name, fields = f"mod{number}", {}
        for n in range(4):
            tag = rng.getrandbits(24)
            kind = ["text", "text", "integer", "choice"][n]
            field = {"key": f"{kind[0]}{n}x{tag:06x}", "label": f"L{tag:06x}", "type": kind}
            if kind == "choice":
                field["options"] = [{"key": k, "label": k.title()} for k in ("red", "blue")]
            fields[field["key"]] = field
        extra = {"key": f"e4x{rng.getrandbits(24):06x}", "label": "Extra", "type": "text", "sortable": False, "searchable": rng.random() < 0.5}
        fields[extra["key"]] = extra
        if number == 1:
            fields["up"] = {"key": "up", "label": "Up", "type": "relation", "module": "mod0"}
        texts = [k for k, f in fields.items() if f["type"] == "text"][:2]
        title = texts[0] if rng.random() < 0.5 else f'concat({texts[0]}, " ", {texts[1]})'
        view = {"key": "only", "label": "Only", "columns": ["title", *fields], "filter": make_condition(rng, fields)[0]}
        modules[name] = {"key": name, "label": {"one": f"Thing{number}", "many": f"Things{number}"}, "title": title, "fields": list(fields.values()), "views": [view]}
    stages = [{"key": k, "label": k.title(), "category": "open"} for k in ("start", "end")]
    pipeline = {"key": "flow", "module": "mod0", "label": "Flow", "stages": stages}
    everything = {"*": {verb: "all" for verb in VERBS}}
    roles = [{"key": "admin", "label": "Admin", "modules": everything, "capabilities": ["manage_members"]}, {"key": "worker", "label": "Worker", "modules": {"*": {"read": "own"}}}]
    for n in range(4):
        role = {"key": f"role{n}", "label": f"Role {n}", "modules": {}, "fields": {}}
        if n and rng.random() < 0.4:
            role["extends"] = f"role{rng.randrange(n)}"
        for name, module in modules.items():
            grants = {verb: rng.choice(SCOPES) for verb in VERBS if rng.random() < 0.85}
            if rng.random() < 0.9:
                grants["read"] = rng.choice(SCOPES[1:])
            fields = {f["key"]: f for f in module["fields"]}
            if rng.random() < 0.35:
                grants["where"] = make_condition(rng, fields, name == "mod0")[0]
            role["modules"][name] = grants
            for field in fields:
                if rng.random() < 0.4:
                    role["fields"][f"{name}.{field}"] = rng.choice(["hidden", "hidden", "masked", "read", "write"])
        roles.append(role)
    manifest = {"key": key, "name": key.title(), "summary": "Random.", "version": "1.0.0", "category": "General", "icon": "box", "hue": "gray",
                "license": "Apache-2.0", "authors": ["Oracle"], "currency": "USD", "country": "US", "timezone": "Etc/UTC", "highlights": ["One", "Two", "Three"],
                "changelog": [{"version": "1.0.0", "notes": "First"}]}
    return {"manifest": manifest, "modules": modules, "pipeline": pipeline, "roles": roles}


def make_condition(rng, fields, stage=False):
    """A condition as text, the key that it reads, and as a function of a record."""
    key = rng.choice([k for k, f in fields.items() if f["type"] in ("integer", "choice", "text")])
    kind, value = fields[key]["type"], lambda record: record["data"].get(key)
    if stage and rng.random() < 0.3:
        return 'stage == "start"', None, lambda record, _: record["stage"] == "start"
    if rng.random() < 0.15:
        return "owner == user", None, lambda record, user: record["owner"] == user
    if kind == "integer":
        limit = rng.randrange(10)
        return f"{key} >= {limit}", key, lambda record, _: value(record) is not None and value(record) >= limit
    if kind == "choice":
        return f'{key} == "red"', key, lambda record, _: value(record) == "red"
    return f"{key} is not empty", key, lambda record, _: value(record) is not None


def parse_condition(text):
    """The same from its text: conditions of roles and views come back from the template."""
    if text == 'stage == "start"':
        return None, lambda record, _: record["stage"] == "start"
    if text == "owner == user":
        return None, lambda record, user: record["owner"] == user
    key, rest = text.split(" ", 1)
    tests = {">=": lambda v, x: v is not None and v >= int(x), "==": lambda v, x: v == json.loads(x), "is": lambda v, _: v is not None}
    word, operand = rest.split(" ", 1)
    return key, lambda record, _: tests[word](record["data"].get(key), operand)


def write_template(template, folder):
    os.makedirs(f"{folder}/modules"), os.makedirs(f"{folder}/pipelines")
    files = {"template.yaml": template["manifest"], "roles.yaml": {"roles": template["roles"]}, "pipelines/flow.yaml": template["pipeline"]}
    files |= {f"modules/{key}.yaml": module for key, module in template["modules"].items()}
    for path, content in files.items():
        with open(f"{folder}/{path}", "w") as file:
            json.dump(content, file, indent=1)
    with open(f"{folder}/README.md", "w") as file:
        file.write("# Random\n\nA template of the permission oracle.\n")
