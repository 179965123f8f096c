#!/usr/bin/env bash
# Casts a vote and prints the results: vote.sh <edge> <contest> <choice> <voter>
set -euo pipefail
edge=${1:-http://localhost:8080} contest=${2:-cats-vs-dogs} choice=${3:-cats} voter=${4:-curl-voter}

# A newer vote of the same voter needs a larger sequence; a retry of this vote needs the same one.
vote="{\"contest\":\"$contest\",\"choice\":\"$choice\",\"voter\":\"$voter\",\"sequence\":$(date +%s)}"

# --retry repeats a request without an answer or with 503, after Retry-After: the vote may have been stored.
curl --silent --show-error --fail-with-body --retry 5 --retry-all-errors --max-time 15 \
  --header 'content-type: application/json' --data "$vote" "$edge/v1/votes?wait=counted"
echo
curl --silent --show-error --fail-with-body "$edge/v1/contests/$contest/results"
echo
