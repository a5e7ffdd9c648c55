/** The box at Entra: one registration, its certificates, and rights on single things. */
export const entraWords = String.raw`
find_app() {
  APP=$(value az ad app list --filter "displayName eq '$APP_NAME'" --query '[].appId')
  case "$APP" in *[[:space:]]*) stop "there are several registrations $APP_NAME: remove the wrong ones in Entra, then paste this again" ;; esac
}

make_app() { # notes
  local object notes
  step "Registration $APP_NAME"
  find_app
  if [ -n "$APP" ]; then
    say "it is there: $APP"
  else
    APP=$(value az ad app create --display-name "$APP_NAME" --sign-in-audience AzureADMyOrg --query appId)
    say "made: $APP"
  fi
  object=$(value az ad app show --id "$APP" --query id)
  notes=$(value az ad app show --id "$APP" --query notes)
  if [ "$notes" = "$1" ]; then say 'notes are there'; else
    retry az rest --method patch --url "https://graph.microsoft.com/v1.0/applications/$object" \
      --headers Content-Type=application/json --body "{\"notes\":$(json_text "$1")}"
  fi
  if there az ad sp show --id "$APP"; then say 'enterprise application is there'; else
    retry az ad sp create --id "$APP"
  fi
  PRINCIPAL=$(value az ad sp show --id "$APP" --query id)
}

# The public part alone: the private key has never left the box.
add_certificate() { # PEM, SHA-1 thumbprint
  local file held
  held=$(value az ad app credential list --id "$APP" --cert --query '[].[displayName,customKeyIdentifier]')
  case "$held" in *"$2"*) say "certificate $2 is there"; return 0 ;; esac
  file=$(mktemp)
  printf '%s\n' "$1" >"$file"
  # Without --append every other credential of the registration would go.
  az ad app credential reset --id "$APP" --cert "@$file" --append --display-name "inkpost $2" --output none --only-show-errors
  rm -f "$file"
  say "certificate $2 uploaded"
}

make_role() {
  local held
  held=$(value az role definition list --custom-role-only true --name "$ROLE" --query '[].roleName')
  [ -z "$held" ] || return 0
  az role definition create --output none --only-show-errors --role-definition "{
    \"Name\": \"$ROLE\",
    \"Description\": \"Sends mail through one Azure Communication Services resource; nothing else.\",
    \"Actions\": [
      \"Microsoft.Communication/CommunicationServices/Read\",
      \"Microsoft.Communication/CommunicationServices/Write\",
      \"Microsoft.Communication/EmailServices/write\"
    ],
    \"AssignableScopes\": [\"/subscriptions/$SUBSCRIPTION\"]
  }"
  say "custom role $ROLE made"
}

give_role() { # role, scope
  local held
  held=$(value az role assignment list --assignee "$PRINCIPAL" --role "$1" --scope "$2" --query '[].id')
  [ -z "$held" ] || { say "role $1 is there"; return 0; }
  retry az role assignment create --assignee-object-id "$PRINCIPAL" --assignee-principal-type ServicePrincipal --role "$1" --scope "$2"
  say "role $1 given on that one resource"
}

make_smtp_username() { # resource name, user name
  if there az communication smtp-username show --comm-service-name "$ACS" --resource-group "$GROUP" --smtp-username "$1"; then
    SMTP_USERNAME=$(value az communication smtp-username show --comm-service-name "$ACS" --resource-group "$GROUP" --smtp-username "$1" --query username)
    say "SMTP username $SMTP_USERNAME is there"
    return 0
  fi
  az communication smtp-username create --comm-service-name "$ACS" --resource-group "$GROUP" --smtp-username "$1" --username "$2" \
    --entra-application-id "$APP" --tenant-id "$TENANT" --output none --only-show-errors
  SMTP_USERNAME=$2
  say "SMTP username $2 made"
}

# An app permission of Office 365 Exchange Online. By itself it opens no mailbox: that is given mailbox by mailbox below.
grant_exchange() { # permission
  local exchange role held
  exchange=$(value az ad sp show --id 00000002-0000-0ff1-ce00-000000000000 --query id)
  role=$(value az ad sp show --id 00000002-0000-0ff1-ce00-000000000000 --query "appRoles[?value=='$1'].id | [0]")
  held=$(value az rest --method get --url "https://graph.microsoft.com/v1.0/servicePrincipals/$PRINCIPAL/appRoleAssignments" --query "value[?appRoleId=='$role'].id")
  [ -z "$held" ] || { say "$1 is there"; return 0; }
  retry az rest --method post --url "https://graph.microsoft.com/v1.0/servicePrincipals/$PRINCIPAL/appRoleAssignments" \
    --headers Content-Type=application/json \
    --body "{\"principalId\":\"$PRINCIPAL\",\"resourceId\":\"$exchange\",\"appRoleId\":\"$role\"}"
  say "$1 consented"
}

# Entra's consent and Exchange's scope add up: with Mail.Send consented for the tenant, the scope below would mean nothing.
refuse_tenant_wide() {
  local role held
  role=$(value az ad sp show --id 00000003-0000-0000-c000-000000000000 --query "appRoles[?value=='Mail.Send'].id | [0]")
  held=$(value az rest --method get --url "https://graph.microsoft.com/v1.0/servicePrincipals/$PRINCIPAL/appRoleAssignments" --query "value[?appRoleId=='$role'].id")
  [ -z "$held" ] || stop "$APP_NAME may send as everybody: Mail.Send is consented for the whole tenant. Remove it in Entra (App registrations, API permissions), then paste this again"
}
`.trim()
