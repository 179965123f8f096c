#!/usr/bin/env bash
# Deploys or updates Votewire on Cloud Run: PROJECT=my-project deploy/cloudrun/deploy.sh [--dry-run]
# --dry-run prints all commands and runs none. Existing resources are kept: run it again to deploy the current checkout.
#   PROJECT                    required
#   REGION                     default us-central1
#   REDIS_URL, MONGODB_URL     required at the first run; stored as secrets. Set again to add a new version
#   CONSUMERS                  instances of the worker pool, default 2
set -euo pipefail
cd "$(dirname "$0")/../.."

dry=
case "${1:-}" in
  --dry-run) dry=1 ;;
  '') ;;
  *) echo "Usage: PROJECT=my-project $0 [--dry-run]" >&2; exit 2 ;;
esac
: "${PROJECT:?Set PROJECT to the id of a Google Cloud project}"
export PROJECT REGION=${REGION:-us-central1} CONSUMERS=${CONSUMERS:-2}
account=votewire@$PROJECT.iam.gserviceaccount.com
repository=$REGION-docker.pkg.dev/$PROJECT/votewire/votewire

# Prints a command and runs it unless this is a dry run.
run() {
  printf '+'
  printf ' %q' "$@"
  printf '\n'
  [ -n "$dry" ] || "$@"
}

# Prints the output of a command; in a dry run, a placeholder.
ask() {
  local placeholder=$1
  shift
  if [ -n "$dry" ]; then
    { printf '+'; printf ' %q' "$@"; printf '\n'; } >&2
    echo "$placeholder"
  else
    "$@"
  fi
}

exists() { [ -z "$dry" ] && "$@" >/dev/null 2>&1; }

# Sets NAME_VERSION to the version of a secret, which is created or updated if needed. The value never appears on a
# command line.
secret() {
  local variable=$1 name=$2 value=$3
  if ! exists gcloud secrets describe "$name" --project="$PROJECT"; then
    [ -n "$value" ] || [ -n "$dry" ] || { echo "Set $variable: the secret $name does not exist yet" >&2; exit 2; }
    run gcloud secrets create "$name" --replication-policy=automatic --project="$PROJECT"
    run gcloud secrets versions add "$name" --data-file=<(printf %s "$value") --project="$PROJECT"
    run gcloud secrets add-iam-policy-binding "$name" --member="serviceAccount:$account" \
      --role=roles/secretmanager.secretAccessor --project="$PROJECT"
  elif [ -n "${!variable:-}" ]; then
    run gcloud secrets versions add "$name" --data-file=<(printf %s "$value") --project="$PROJECT"
  fi
  local version
  version=$(ask 1 gcloud secrets versions list "$name" --filter=state=ENABLED --limit=1 --format='value(name)' --project="$PROJECT")
  export "${variable}_VERSION=$version"
}

deploy() {
  local kind=$1 file=deploy/cloudrun/$2.yaml
  echo "+ envsubst < $file | gcloud run $kind replace - --region=$REGION --project=$PROJECT"
  if [ -n "$dry" ]; then envsubst < "$file"
  else envsubst < "$file" | gcloud run "$kind" replace - --region="$REGION" --project="$PROJECT"
  fi
}

run gcloud services enable run.googleapis.com secretmanager.googleapis.com artifactregistry.googleapis.com \
  cloudbuild.googleapis.com monitoring.googleapis.com --project="$PROJECT"
exists gcloud iam service-accounts describe "$account" --project="$PROJECT" ||
  run gcloud iam service-accounts create votewire --display-name=Votewire --project="$PROJECT"
run gcloud projects add-iam-policy-binding "$PROJECT" --member="serviceAccount:$account" \
  --role=roles/monitoring.metricWriter --condition=None
exists gcloud artifacts repositories describe votewire --location="$REGION" --project="$PROJECT" ||
  run gcloud artifacts repositories create votewire --repository-format=docker --location="$REGION" --project="$PROJECT"

secret REDIS_URL votewire-redis-url "${REDIS_URL:-}"
secret MONGODB_URL votewire-mongodb-url "${MONGODB_URL:-}"
secret SECRET votewire-secret "${SECRET:-$(openssl rand -base64 32)}"
secret ADMIN_TOKEN votewire-admin-token "${ADMIN_TOKEN:-$(openssl rand -base64 32)}"
secret READ_TOKEN votewire-read-token "${READ_TOKEN:-$(openssl rand -base64 32)}"

tag=$(git rev-parse --short HEAD)
run gcloud builds submit --tag "$repository:$tag" --project="$PROJECT" .
# Pinned by digest, so that instances that start later run the same image.
digest=$(ask sha256:0000 gcloud artifacts docker images describe "$repository:$tag" --format='value(image_summary.digest)' --project="$PROJECT")
export IMAGE=$repository@$digest

# Consumers first, because they can also count the votes of older edges.
deploy worker-pools consumer
deploy services edge
VOTE_URL=$(ask https://votewire-edge.example.org gcloud run services describe votewire-edge --region="$REGION" --project="$PROJECT" --format='value(status.url)')
export VOTE_URL
deploy services dashboard
run gcloud run services add-iam-policy-binding votewire-edge --member=allUsers --role=roles/run.invoker \
  --region="$REGION" --project="$PROJECT"
echo "Votes: $VOTE_URL"
