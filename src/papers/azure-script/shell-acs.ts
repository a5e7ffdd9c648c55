/** Azure Communication Services Email: resource group, services, domains, senders. Each step looks before it makes. */
export const acsWords = String.raw`
CLOSED='this tenant can have no ACS resource any more: Microsoft closed Azure Communication Services Email to customers without one on 23 October 2026 (if Azure says otherwise above, that is the reason). Nothing was made that costs. "inkpost choose" names the ways out that are left'

# Chooses the communication resource by the endpoint's host, by name, or as a new one.
choose_acs() { # host, or nothing
  local known
  known=$(value az communication list --query '[].[name,resourceGroup,hostName]')
  if [ -n "$1" ]; then
    ACS=$(printf '%s\n' "$known" | awk -F '\t' -v host="$1" '$3 == host { print $1 }')
    GROUP=$(printf '%s\n' "$known" | awk -F '\t' -v host="$1" '$3 == host { print $2 }')
    [ -n "$ACS" ] || stop "there is no communication resource at $1 in this subscription: az account set --subscription …, or correct the endpoint"
    return 0
  fi
  [ -z "$known" ] || { say 'Communication resources of this subscription (name, group, host):'; printf '%s\n' "$known" >&2; }
  ACS=$(ask 'Name of the communication resource (one of these, or a new one: letters, digits, hyphens):')
  case "$ACS" in '' | *[!A-Za-z0-9-]*) stop 'a name has letters, digits and hyphens' ;; esac
  GROUP=$(printf '%s\n' "$known" | awk -F '\t' -v name="$ACS" 'tolower($1) == tolower(name) { print $2 }')
  [ -n "$GROUP" ] || make_acs
}

make_acs() {
  make_group
  # Where the mail is kept can't be changed afterwards: it is asked, never assumed.
  DATA_LOCATION=$(ask 'Data location (for example Europe, Germany, Switzerland, UK, United States):')
  [ -n "$DATA_LOCATION" ] || stop 'without a data location nothing is made'
  agree "Make the communication resource $ACS? It costs nothing by itself; each mail costs (about 0.25 USD a thousand, and 0.12 USD a GB)." || stop 'as you wish; nothing was made that costs'
  az communication create --name "$ACS" --resource-group "$GROUP" --location global --data-location "$DATA_LOCATION" \
    --tags product=inkpost --output none --only-show-errors || stop "$CLOSED"
}

make_group() {
  GROUP=$(ask 'Resource group [inkpost]:')
  [ -n "$GROUP" ] || GROUP=inkpost
  if there az group show --name "$GROUP"; then say "resource group $GROUP is there"; return 0; fi
  local place
  place=$(ask 'Region of the resource group (for example westeurope):')
  az group create --name "$GROUP" --location "$place" --tags product=inkpost --output none --only-show-errors
  say "resource group $GROUP made"
}

make_email_service() {
  EMAIL_SERVICE=$(value az communication email list --resource-group "$GROUP" --query '[0].name')
  if [ -n "$EMAIL_SERVICE" ]; then say "email service $EMAIL_SERVICE is there"; return 0; fi
  EMAIL_SERVICE="$ACS-email"
  DATA_LOCATION=$(value az communication show --name "$ACS" --resource-group "$GROUP" --query dataLocation)
  az communication email create --name "$EMAIL_SERVICE" --resource-group "$GROUP" --location global \
    --data-location "$DATA_LOCATION" --tags product=inkpost --output none --only-show-errors || stop "$CLOSED"
  say "email service $EMAIL_SERVICE made"
}

state_of() { # domain, record type
  value az communication email domain show --domain-name "$1" --email-service-name "$EMAIL_SERVICE" \
    --resource-group "$GROUP" --query "verificationStates.$2.status"
}

records_of() { # domain -> type, name, value
  value az communication email domain show --domain-name "$1" --email-service-name "$EMAIL_SERVICE" --resource-group "$GROUP" \
    --query '[verificationRecords.Domain,verificationRecords.SPF,verificationRecords.DKIM,verificationRecords.DKIM2][].[type,name,value]'
}

is_verified() { # domain
  local type
  for type in Domain SPF DKIM DKIM2; do
    [ "$(state_of "$1" "$type")" = Verified ] || return 1
  done
}

make_domain() { # domain
  step "Domain $1"
  if there az communication email domain show --domain-name "$1" --email-service-name "$EMAIL_SERVICE" --resource-group "$GROUP"; then
    say 'it is there'
  else
    az communication email domain create --domain-name "$1" --email-service-name "$EMAIL_SERVICE" --resource-group "$GROUP" \
      --location global --domain-management CustomerManaged --tags product=inkpost --output none --only-show-errors
    say 'made'
  fi
  is_verified "$1" && { say 'verified'; return 0; }
  say 'DNS records that it needs (type, name, value):'
  records_of "$1" >&2
  say 'SPF: a domain has one record. Where there is one already, put its include: into that one.'
  publish_records "$1"
  verify_domain "$1"
}

verify_domain() { # domain
  local type try
  for type in Domain SPF DKIM DKIM2; do
    [ "$(state_of "$1" "$type")" = Verified ] && continue
    # Asked for again while it runs, Azure refuses; the state tells.
    az communication email domain initiate-verification --domain-name "$1" --email-service-name "$EMAIL_SERVICE" \
      --resource-group "$GROUP" --verification-type "$type" --output none --only-show-errors || say "$type: not started, see its state"
  done
  for try in 1 2 3 4; do
    is_verified "$1" && { say 'verified'; return 0; }
    say "waiting for DNS ($try of 4)"
    sleep "$PAUSE"
  done
  is_verified "$1" || stop "$1 is not verified yet: publish the records above, wait until they can be seen, then paste this again; it goes on here"
}

link_domain() { # domain
  local id linked
  id=$(value az communication email domain show --domain-name "$1" --email-service-name "$EMAIL_SERVICE" --resource-group "$GROUP" --query id)
  linked=$(value az communication show --name "$ACS" --resource-group "$GROUP" --query 'linkedDomains[]')
  case "$linked" in *"$id"*) say "$1 is linked"; return 0 ;; esac
  # The list replaces what is linked: those of other boxes stay in it. Ids hold no blanks.
  # shellcheck disable=SC2086
  az communication update --name "$ACS" --resource-group "$GROUP" --linked-domains $linked "$id" --output none --only-show-errors
  say "$1 linked to $ACS"
}

# A MailFrom address. Azure refuses all but DoNotReply until a ticket has raised the quota: 'ResourceCreationFailed:
# Forbidden' (azure-docs#121029).
# Anything else that goes wrong ends the run: the box would leave a sender out for a line that broke.
make_sender() { # domain, user name, display name
  local said
  if there az communication email domain sender-username show --domain-name "$1" --email-service-name "$EMAIL_SERVICE" \
    --resource-group "$GROUP" --sender-username "$2"; then
    say "$2@$1 is there"
  elif said=$(az communication email domain sender-username create --domain-name "$1" --email-service-name "$EMAIL_SERVICE" \
    --resource-group "$GROUP" --sender-username "$2" --username "$2" --display-name "$3" --output none --only-show-errors 2>&1); then
    say "$2@$1 made: $3"
  else
    printf '%s\n' "$said" >&2
    case "$said" in
      *AuthorizationFailed*) stop "could not make $2@$1" ;;
      *ResourceCreationFailed* | *LimitExceeded* | *QuotaExceeded* | *Forbidden*) say "$2@$1 was refused" ;;
      *) stop "could not make $2@$1" ;;
    esac
    REFUSED="$REFUSED$2@$1
"
    return 0
  fi
  MADE="$MADE$2@$1
"
}
`.trim()

/** Azure DNS: only where the zone is in this subscription, and only after a yes. */
export const dnsWords = String.raw`
zone_of() { # domain -> zone that holds it, or nothing
  local name=$1 found
  while case "$name" in *.*) true ;; *) false ;; esac; do
    found=$(value az network dns zone list --query "[?name=='$name'].name | [0]")
    [ -z "$found" ] || { printf '%s' "$name"; return 0; }
    name=$(printf '%s' "$name" | cut -d . -f 2-)
  done
}

# A record's name as its zone says it: @ is the zone itself.
name_in_zone() { # name as Azure tells it, domain, zone
  local full=$1
  case "$full" in "$2" | *."$2") ;; *) full=$1.$2 ;; esac
  if [ "$full" = "$3" ]; then printf '@'; else printf '%s' "$full" | awk -v zone=".$3" '{ print substr($0, 1, length($0) - length(zone)) }'; fi
}

publish_records() { # domain
  local zone group kind name text
  zone=$(zone_of "$1")
  [ -n "$zone" ] || return 0
  group=$(value az network dns zone list --query "[?name=='$zone'].resourceGroup | [0]")
  agree "The zone $zone is in this subscription: make the records there?" || return 0
  records_of "$1" | while IFS=$'\t' read -r kind name text; do
    publish_record "$group" "$zone" "$kind" "$(name_in_zone "$name" "$1" "$zone")" "$text" </dev/null
  done
}

publish_record() { # group, zone, type, name, value
  local held
  case "$3" in
    TXT)
      held=''
      if there az network dns record-set txt show --resource-group "$1" --zone-name "$2" --name "$4"; then
        held=$(value az network dns record-set txt show --resource-group "$1" --zone-name "$2" --name "$4" --query 'TXTRecords[].value[]')
      fi
      case "$held" in *"$5"*) return 0 ;; esac
      case "$5:$held" in
        v=spf1*:*v=spf1*) say "$4 has an SPF record already: add the include of $5 to it by hand"; return 0 ;;
      esac
      az network dns record-set txt add-record --resource-group "$1" --zone-name "$2" --record-set-name "$4" --value "$5" --output none --only-show-errors
      ;;
    CNAME)
      az network dns record-set cname set-record --resource-group "$1" --zone-name "$2" --record-set-name "$4" --cname "$5" --output none --only-show-errors
      ;;
    *) say "a record of the type $3 has to be made by hand" ;;
  esac
}
`.trim()

export const reportWords = String.raw`
# Delivery reports: Event Grid puts them into a storage queue that the box asks over HTTPS.
make_reports() { # storage account, queue, name of the subscription
  local place
  STORAGE=$(value az storage account list --query "[?name=='$1'].id | [0]")
  if [ -z "$STORAGE" ]; then
    agree "Make the storage account $1 for delivery reports? It costs a few cents a month." || stop 'as you wish; without it leave reports out of the setup'
    place=$(value az group show --name "$GROUP" --query location)
    az storage account create --name "$1" --resource-group "$GROUP" --location "$place" --sku Standard_LRS --kind StorageV2 \
      --min-tls-version TLS1_2 --allow-blob-public-access false --tags product=inkpost --output none --only-show-errors
    STORAGE=$(value az storage account list --query "[?name=='$1'].id | [0]")
  fi
  QUEUE="$STORAGE/queueServices/default/queues/$2"
  if there az rest --method get --url "$QUEUE?api-version=2023-01-01"; then
    say "queue $2 is there"
  else
    az rest --method put --url "$QUEUE?api-version=2023-01-01" --body '{"properties":{}}' --output none --only-show-errors
    say "queue $2 made"
  fi
  make_sure_provider Microsoft.EventGrid
  if there az eventgrid event-subscription show --name "$3" --source-resource-id "$ACS_ID"; then
    say 'event subscription is there'
  else
    az eventgrid event-subscription create --name "$3" --source-resource-id "$ACS_ID" --endpoint-type storagequeue --endpoint "$QUEUE" \
      --included-event-types Microsoft.Communication.EmailDeliveryReportReceived --output none --only-show-errors
    say 'event subscription made'
  fi
}

# Reports on the mail of other boxes stay away: each event in the queue costs two requests.
filter_reports() { # name of the subscription, then field, operator and values
  local name=$1 held
  shift
  [ $# -gt 2 ] || { say 'the reports of other boxes come too: its senders fit into no filter'; return 0; }
  held=$(value az eventgrid event-subscription show --name "$name" --source-resource-id "$ACS_ID" \
    --query 'filter.advancedFilters[].[key, operatorType, values][][]')
  [ "$(on_one_line "$held")" != "$*" ] || { say 'event subscription has its filter'; return 0; }
  az eventgrid event-subscription update --name "$name" --source-resource-id "$ACS_ID" --advanced-filter "$@" --output none --only-show-errors
  say "event subscription takes the reports of this box's senders alone"
}
`.trim()
