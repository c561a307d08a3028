"""For each line on stdin: who boto3 is at STS, by the credentials that it finds itself, on one line."""
import os
import sys

import boto3

session = boto3.Session()
sts = session.client("sts", endpoint_url=os.environ["AWS_ENDPOINT_URL_STS"])
for _ in sys.stdin:
    arn = sts.get_caller_identity()["Arn"]
    print(arn, session.get_credentials().get_frozen_credentials().access_key, flush=True)
