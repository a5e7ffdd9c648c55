/** The last line of the paste: what the box did not know, as `core/setup-answer.ts` reads it. */
export const answerWords = String.raw`
ANSWER=''

SMTP_USERNAME=''

# Adds what one upstream needs to know; empty values are left out.
add_answer() { # upstream, key, value, key, value...
  local name=$1 fields=''
  shift
  while [ $# -gt 0 ]; do
    if [ -n "$2" ]; then
      [ -z "$fields" ] || fields="$fields,"
      fields="$fields$(json_text "$1"):$(json_text "$2")"
    fi
    shift 2
  done
  [ -z "$ANSWER" ] || ANSWER="$ANSWER,"
  ANSWER="$ANSWER$(json_text "$name"):{$fields}"
}

print_answer() {
  [ -n "$ANSWER" ] || return 0
  step 'Done. Give this line to the box: echo LINE | inkpost apply -'
  printf 'inkpost-answer:%s\n' "$(printf '{"v":1,"box":%s,"upstreams":{%s}}' "$(json_text "$BOX")" "$ANSWER" | base64 | tr -d '\n=' | tr '+/' '-_')"
}

# Words on one line: addresses hold no blanks.
on_one_line() { printf '%s' "$1" | tr '\n' ' ' | sed 's/ $//'; }

# Azure raises the number of senders, and the quota, by hand.
ticket() {
  [ -n "$REFUSED" ] || return 0
  step 'Azure refused senders: open a ticket (portal, Help + support, Service: Communication Services, Email) with this text'
  cat >&2 <<TICKET_END
Subject: Email: more MailFrom addresses and a higher sending limit for a verified domain

Subscription:   $SUBSCRIPTION
Resource:       $ACS (resource group $GROUP), email service $EMAIL_SERVICE
Senders wanted:
$REFUSED
What sends:     printers, scanners and alarm systems of our own sites, through a gateway of ours.
                Transactional mail only: scans and alarms, to our own staff and to people who asked for them.
Volume:         please raise the limits for this domain above 30 a minute and 100 an hour as far as it goes.
Bounces:        the gateway stops sending to addresses that bounce, and reads delivery reports.
TICKET_END
  say 'Until then devices with these senders leave by the sender of the upstream.'
}
`.trim()
