/**
 * The verbs of the paste: bash that knows nothing of a box. Progress goes to stderr, so that stdout is the answer alone.
 * `String.raw` holds no `$` with a brace, which would be TypeScript's.
 */
export const shellWords = String.raw`
# Progress and questions go to stderr: stdout is the answer alone.
step() { printf '\n== %s\n' "$*" >&2; }
say() { printf '   %s\n' "$*" >&2; }
stop() { printf '\ninkpost: %s\n' "$*" >&2; exit 1; }

ask() { # question
  local answer
  printf '?? %s ' "$1" >&2
  IFS= read -r answer || stop 'no answer; nothing more was made'
  printf '%s' "$answer"
}

agree() { # question
  case "$(ask "$1 [y/N]")" in y | Y | yes | Yes) return 0 ;; *) return 1 ;; esac
}

# Whether something is there. Anything but 'not found' ends the run: a step that could not look must not make.
there() { # command...
  local said
  if said=$("$@" --output none --only-show-errors 2>&1); then return 0; fi
  case "$said" in
    *NotFound* | *'not found'* | *'could not be found'* | *'does not exist'*) return 1 ;;
  esac
  printf '%s\n' "$said" >&2
  stop "could not look: $*"
}

# One value, without the carriage return that az leaves in some shells.
value() { # command...
  "$@" --output tsv --only-show-errors | tr -d '\r'
}

# What was made a moment ago is not known everywhere at once.
retry() { # command...
  local try
  for try in 1 2 3 4 5; do
    if "$@" --output none --only-show-errors; then return 0; fi
    say "not yet (try $try); trying again in $PAUSE s"
    sleep "$PAUSE"
  done
  "$@" --output none --only-show-errors
}

json_text() { # text -> JSON string
  local text=$1
  text=$(printf '%s' "$text" | sed -e 's/\\/\\\\/g' -e 's/"/\\"/g')
  printf '"%s"' "$text"
}

make_sure_provider() { # namespace
  local state
  state=$(value az provider show --namespace "$1" --query registrationState)
  [ "$state" != Registered ] || return 0
  say "registering $1 with the subscription (costs nothing)"
  az provider register --namespace "$1" --wait --output none --only-show-errors
}
`.trim()

/** Where to begin: which tenant, which subscription; nothing is made before the person has said yes to it. */
export const signIn = `
step 'Signed in?'
command -v az >/dev/null || stop 'there is no az here: paste this into Azure Cloud Shell (Bash), https://shell.azure.com'
az account show --output none --only-show-errors || stop 'not signed in: az login'
TENANT=$(value az account show --query tenantId)
SUBSCRIPTION=$(value az account show --query id)
say "tenant $TENANT"
say "subscription $(value az account show --query name) ($SUBSCRIPTION)"
`.trim()
