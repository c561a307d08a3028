"""Reads AWS files as botocore does; one JSON request a line on stdin, one JSON answer a line on stdout.

Request: {"path": "...", "kind": "credentials" | "config"}. Answer: {"sections": {...}} as raw_config_parse gives them
(credentials), or the profile map (config); {"rejected": "..."} when botocore refuses the file. With "profile", also what
botocore's credential provider takes from it: {"credentials": [access key, secret key, token]}.
"""
import json
import sys

import botocore.configloader as loader
import botocore.credentials as credentials
import botocore.exceptions


def answer(request):
    path = request["path"]
    try:
        if request["kind"] == "config":
            return {"sections": loader.load_config(path)["profiles"]}
        result = {"sections": loader.raw_config_parse(path)}
        if request.get("profile") is not None:
            found = credentials.SharedCredentialProvider(path, request["profile"]).load()
            result["credentials"] = None if found is None else [found.access_key, found.secret_key, found.token]
        return result
    except botocore.exceptions.ConfigNotFound:
        return {"sections": {}}
    except Exception as error:  # botocore lets some of Python's own errors through
        return {"rejected": type(error).__name__ + ": " + str(error)}


for line in sys.stdin:
    sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
    sys.stdout.flush()
