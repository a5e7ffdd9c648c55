#!/bin/bash
# What the scripts inside booted machines have in common: they tell on the serial line, where nobody signs in.
# `ok NAME`, `not ok NAME<tab>WHAT WAS SAID`, `fact NAME VALUE`; the end is `end`.
exec > /dev/ttyS0 2>&1
export HOME=/root INKPOST_PASSPHRASE=correct-horse-battery
tell() { echo "inkpost-test: $*"; }
check() { # NAME COMMAND...
  local name=$1 said
  shift
  if said=$("$@" 2>&1); then tell "ok $name"; else tell "not ok $name"$'\t'"$(tr '\n' '|' <<< "$said" | tail -c 600)"; fi
}
# By the time since the start: a clock that is set makes no wait longer.
uptime_s() { cut -d. -f1 /proc/uptime; }
until_true() {
  local last=$(($(uptime_s) + 300))
  until "$@" > /dev/null 2>&1; do
    if [ "$(uptime_s)" -gt "$last" ]; then
      "$@"
      return
    fi
    sleep 1
  done
}
says() { # PATTERN COMMAND...
  local pattern=$1 said
  shift
  said=$("$@" 2>&1)
  grep -aq -- "$pattern" <<< "$said" || { echo "$said"; false; }
}
fails() { ! "$@"; }
main_pid() { systemctl show -P MainPID inkpost.service; }
runs() { systemctl is-active inkpost.service && test "$(main_pid)" -gt 1; }
listens() { for port in 25 465 587 443; do ss -ltnH | grep -q ":$port " || { ss -ltn; return 1; }; done; }
no_unit_failed() { fails grep . <<< "$(systemctl --failed --no-legend)" || { systemctl --failed --no-legend; false; }; }
tell_service() {
  systemctl status inkpost.service --no-pager
  journalctl --namespace=inkpost -b --no-pager | tail -30
  journalctl -b --no-pager | grep -i inkpost | tail -30
}
finish() {
  tell end
  while [ -e /way-in/hold ]; do sleep 1; done
  sync
  systemctl poweroff --force
}
