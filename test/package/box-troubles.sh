#!/bin/bash
# What a box meets in the field, on the booted one: it serves what it can, says so, and recovers.
scan() { # CURL'S OPTIONS...
  printf 'Subject: scan\r\n\r\npage\r\n' | in_lan curl -sS --fail --max-time 100 "$@" smtp://192.168.77.50:25/scanner --user front:seventeen-4711 \
    --mail-from front@contoso.com --mail-rcpt anna@fabrikam.com -T -
}
# What is over is told behind what is.
alerted() { says "$1" sed /^OVER/q <(inkpost alert list); }

meet_full_card() {
  check 'a mail is taken from the LAN' scan
  fallocate -l "$(($(stat -f -c '%a * %S' /)))" /filler
  check 'a full card: devices are told to come later' until_true says '452 4.3.1' scan -v
  check 'a full card: the console says so' until_true alerted 'be stored'
  check 'a full card: the screen says so' until_true says 'be stored' screen
  rm /filler
  check 'room again: mail is taken' until_true scan
  check 'room again: nothing is said any more' until_true fails alerted 'be stored'
}

meet_wrong_clock() {
  local right began
  right=$(date +%s)
  began=$(uptime_s)
  date -s @978307200
  check 'a clock of 2001: mail is taken' scan
  check 'a clock of 2001: the console says so' until_true alerted 'clock of this box is wrong'
  check 'a clock of 2001: the screen says so' until_true says 'the clock is not set' screen
  check 'a clock of 2001: set by hand' inkpost clock set "$(date -u -d "@$((right + $(uptime_s) - began))" +%Y-%m-%dT%H:%M:%SZ)"
  check 'the right clock: nothing is said any more' until_true fails alerted 'clock of this box is wrong'
}

meet_no_network() {
  networkctl down enp0s2
  check 'no network: the screen says so' until_true says 'NO NETWORK' screen
  check 'no network: the gateway goes on' runs
  networkctl up enp0s2
  check 'a network again: reached at its address' until_true reach 443
}

address6() { ip -6 -br addr show dev enp0s2 | grep -o 'fd77:[^/]*' | head -1; }
reach6() { in_lan curl -skS --fail --max-time 60 "https://[$(address6)]/healthz"; }
meet_lan_without_ipv4() {
  kill "$(cat /run/dhcp-lan0)"
  in_lan ip addr add fd77::1/64 dev lan0 nodad
  in_lan dnsmasq --conf-file=/dev/null --pid-file=/run/ra-lan0 --port=0 --interface=lan0 --bind-interfaces --user=root \
    --enable-ra '--dhcp-range=fd77::,ra-only,64' --dhcp-leasefile=/run/leases6
  networkctl reconfigure enp0s2
  check 'a LAN without IPv4: it has an address' until_true address6
  check 'a LAN without IPv4: and no other' until_true fails has_address 192.168.77.50
  check 'a LAN without IPv4: the console answers' until_true reach6
  check 'a LAN without IPv4: the screen shows its address' until_true says "https://\[$(address6)\]/" screen
  kill "$(cat /run/ra-lan0)"
  in_lan ip addr del fd77::1/64 dev lan0
  serve_dhcp lan0 192.168.77.50
  networkctl reconfigure enp0s2
  check 'IPv4 again: its address of before' until_true has_address 192.168.77.50
}

meet_troubles() {
  meet_full_card
  meet_wrong_clock
  meet_no_network
  meet_lan_without_ipv4
}
