"""What a schema cannot say: zones that exist, ids of things that are there, doors with their secrets.

Valid requests are led to something that is there, so that they come further than to the first «not found». Requests that
are wrong on purpose are left as they are. `RECEPTION_GROUND` holds what the gateway was given beforehand.
"""

import hashlib
import json
import os
import random
from datetime import datetime, timedelta, timezone

import schemathesis
from hypothesis import strategies as st

GROUND = json.loads(os.environ["RECEPTION_GROUND"])
CHANCE = random.Random(1)
# Codes that an invitation was made for and nobody has come with.
CODES: list[str] = []

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
KINDS = {
    "request": "req",
    "appointment": "apt",
    "certificate": "crt",
    "case": "cas",
    "person": "per",
    "staff": "stf",
    "practitioner": "prc",
    "clinic": "cln",
    # any of them may be erased
    "erase": "per",
}
SEALED = {
    "person_put",
    "person_merge",
    "person_unmerge",
    "certificate_issue",
    "case_put",
    "staff_put",
    "practitioner_put",
    "request_reread",
    "clinic_put",
    "appointment_book",
}

ZONES = ["Europe/Moscow", "Asia/Krasnoyarsk", "Asia/Kamchatka", "UTC"]
schemathesis.openapi.format("iana-zone", st.sampled_from(ZONES))
# wall time, as RFC 3339 without an offset
MINUTES = st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2035, 1, 1))
schemathesis.openapi.format("partial-date-time", MINUTES.map(lambda at: at.isoformat(timespec="seconds")))
schemathesis.openapi.format("partial-time", st.times().map(lambda at: at.isoformat(timespec="seconds")))


def make_id(prefix: str) -> str:
    return prefix + "_" + "".join(CHANCE.choice(ALPHABET) for _ in range(26))


@schemathesis.hook
def before_call(context, case, kwargs):
    # each is somebody else: the limit of attempts to enrol is counted by address
    case.headers["X-Forwarded-For"] = ".".join(str(CHANCE.randint(1, 250)) for _ in range(4))
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    case.body = whole(case.body)
    operation = case.operation.definition.raw["operationId"]
    if operation in FITS:
        FITS[operation](case)
    # now and then it stays as it was made up
    if operation in LEADS and CHANCE.random() < 0.9:
        LEADS[operation](case)


def whole(value):
    """Whole numbers as the description wants them written: 1, not 1.0."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, list):
        return [whole(item) for item in value]
    if isinstance(value, dict):
        return {name: whole(item) for name, item in value.items()}
    return value


def new_code(case):
    code = "".join(CHANCE.choice("0123456789abcdef") for _ in range(64))
    CODES.append(code)
    case.body["auth_digest"] = hashlib.sha256(code.encode()).hexdigest()
    case.body["expires_at"] = (datetime.now(timezone.utc) + timedelta(hours=1)).isoformat()


def enroll(case):
    if CODES:
        case.body["auth"] = CODES.pop()
        case.body.pop("clinic_public_key", None)


def revoke(case):
    case.body["actor"] = GROUND["manager"]
    case.path_parameters["id"] = CHANCE.choice(GROUND["desks"])


def mapping(case):
    case.path_parameters["id"] = CHANCE.choice(GROUND["sources"])["id"]


def one_rule_a_field(case):
    rules = {rule["field"].strip().lower(): rule for rule in case.body["mapping"]}
    case.body["mapping"] = list(rules.values())


def changes(case):
    since = (case.query or {}).get("since")
    if since is not None:
        case.query["since"] = GROUND["cursor"]


def new_ids(case):
    case.body["actions"] = case.body["actions"][:100]
    for envelope in case.body["actions"]:
        envelope["action"]["id"] = make_id("act")


def actions(case):
    for envelope in case.body["actions"]:
        led(envelope)


def led(envelope):
    action = envelope["action"]
    action["actor"] = GROUND["manager"]
    verb = action["command"]["do"]
    kind = verb.split("_")[0]
    known = GROUND["entities"].get(kind)
    action["entity"] = CHANCE.choice(known) if known and CHANCE.random() < 0.7 else make_id(KINDS[kind])
    action["base_version"] = CHANCE.choice([0, 1, 2])
    envelope["parts"] = {}
    if verb in SEALED:
        part = {"key_id": GROUND["key_id"], "seal_id": action["id"], "data": "A" * 120}
        envelope["parts"] = {"main": part}


def door(case):
    by_path = "secret" in case.path_parameters
    # the secret in the query is the first one's, by the settings: the fuzzer must know that it is a right one
    source = CHANCE.choice(GROUND["sources"]) if by_path else GROUND["sources"][0]
    case.path_parameters["connector"] = source["connector"]
    case.path_parameters["source"] = source["id"]
    if by_path:
        case.path_parameters["secret"] = source["secret"]


def portal(case):
    case.path_parameters["secret"] = GROUND["portal"]
    case.path_parameters["method"] = CHANCE.choice(["crm.lead.add", "crm.contact.add.json", "batch", "profile", "x"])


# What makes a valid request of one that only looks like it.
FITS = {
    "invite": new_code,
    "setMapping": one_rule_a_field,
    "actions": new_ids,
}
# To something that is there.
LEADS = {
    "enroll": enroll,
    "revoke": revoke,
    "setMapping": mapping,
    "changes": changes,
    "actions": actions,
    "submit": door,
    "submitByPath": door,
    "call": portal,
    "callByQuery": portal,
}
