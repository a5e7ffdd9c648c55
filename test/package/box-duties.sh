#!/bin/bash
# Every duty of the machine service, asked over its socket on the booted box; the sticks are those of the emulator.
ask() { printf '{"duty":"%s","ask":%s}\n' "$1" "${2:-{\}}" | timeout 100 socat -t 100 - UNIX-CONNECT:/run/inkpost-machine.sock; }
does() { says '"kind":"done"' ask "$@"; }
refuses() { says "\"kind\":\"refused\".*$1" ask "${@:2}"; }

put_data() { # DEVICE
  mount "$1" /mnt
  mkdir /mnt/inkpost
  cp /root/twin/settings.db* /root/twin/vault.key /root/twin/spool.db* /mnt/inkpost/
  umount /mnt
}

ask_storages() {
  mkfs.vfat -I /dev/sda
  mkfs.exfat /dev/sdb
  mkfs.ext4 -q -F /dev/sdc
  for stick in sda sdb sdc; do put_data "/dev/$stick"; done
  for stick in sda:vfat sdb:exfat sdc:ext4; do
    local storage=${stick%:*} system=${stick#*:}
    check "storage-list: a stick with $system" says "\"storage\":\"$storage\",\"fileSystem\":\"$system\"" ask storage-list
    check "storage-open: $system" says '"name":"settings.db"' ask storage-open "{\"storage\":\"$storage\"}"
    check "storage-read: $system" says "$(base64 -w0 /root/twin/vault.key)" ask storage-read "{\"storage\":\"$storage\",\"file\":\"vault.key\",\"offset\":0}"
    check "storage-close: $system" does storage-close "{\"storage\":\"$storage\"}"
  done
  check 'storage-open: the disk of the machine is none' refuses 'no stick or card vda' storage-open '{"storage":"vda"}'
  check 'storage-read: nothing that is not open' refuses 'not open' storage-read '{"storage":"sda","file":"vault.key","offset":0}'
}

# The lamp of a Pi is a LED of the kernel named ACT; this machine has those of a keyboard.
ask_lamp() {
  local led
  check 'lamp: refused where there is none' refuses 'no lamp' lamp '{"beats":"on"}'
  led=$(realpath '/sys/class/leds/input0::capslock')
  mkdir /run/leds
  ln -s "$led" /run/leds/ACT
  mount --bind /run/leds /sys/class/leds
  check 'lamp: on' does lamp '{"beats":"on"}'
  check 'lamp: it is on' says '^1$' cat "$led/brightness"
  check 'lamp: beats' does lamp '{"beats":[100,900]}'
  check 'lamp: the kernel beats by them' says '^1 100 1 0 0 900 0 0' cat "$led/pattern"
  check 'lamp: off' does lamp '{"beats":"off"}'
  umount /sys/class/leds
}

is_near() { test "$(("$(date +%s)" - $1))" -lt 100; }
is_touched_after() { test "$(stat -c %Y /var/lib/systemd/timesync/clock)" -ge "$1"; }
ask_clock() {
  local later=$(("$(date +%s)" + 86400))
  check 'clock-set: refused before this release was made' refuses 'not understood' clock-set '{"wallMs":1000000000000}'
  check 'clock-set: refused after 2037' refuses 'not understood' clock-set '{"wallMs":2200000000000}'
  check 'clock-set: tomorrow' does clock-set "{\"wallMs\":${later}000}"
  check 'clock-set: the clock is set' is_near "$later"
  check 'clock-set: the time service remembers it' is_touched_after "$later"
  check 'clock-set: the clock with a battery has it' says "$(date -u -d "@$later" +%Y-%m-%d)" hwclock --show --utc
  touch /run/systemd/timesync/synchronized
  check 'clock-set: refused where a time server is heard' refuses 'a time server is heard' clock-set "{\"wallMs\":${later}000}"
  rm /run/systemd/timesync/synchronized
  check 'clock-set: by the command' inkpost clock set "$(date -u -d "@$((later - 86400))" +%Y-%m-%dT%H:%M:%SZ)"
}

ask_duties() {
  check 'duties' says '"storage-close"' ask duties
  check 'a duty that is none' refuses 'does not know' shell
  check 'data-erase: nothing where the data has no partition of its own' says '"done":""' ask data-erase '{"step":"keys"}'
  check 'claim-file' says '"isThere":true' ask claim-file '{"code":"ABCDEFGH","port":443}'
  check 'claim-file: it is written' grep -q ABCD-EFGH /boot/firmware/inkpost-claim.txt
  check 'claim-file: it is taken away' does claim-file '{"code":null,"port":443}'
  check 'claim-file: it is gone' fails test -e /boot/firmware/inkpost-claim.txt
  check 'firewall-set' says '"isClosed":true' ask firewall-set '{"entrances":[25,443,465,587,2222],"tcp":[25],"udp":[]}'
  check 'firewall-set: the kernel has it' says 2222 nft list set inet inkpost entrances
  ask_lamp
  ask_storages
  ask_clock
}
