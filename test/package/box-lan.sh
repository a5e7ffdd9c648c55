#!/bin/bash
# The LAN of the booted box: what is in the namespace behind its second port.
in_lan() { ip netns exec lan "$@"; }
reach() { in_lan timeout 10 bash -c "exec 3<>/dev/tcp/192.168.77.50/$1"; }
dial() { setpriv --reuid=inkpost --regid=inkpost --clear-groups socat -d -d -u /dev/null "TCP:192.168.77.1:$1,connect-timeout=5"; }
has_address() { ip -br addr show dev "${2:-enp0s2}" | grep -q " $1/" || { ip -br addr; false; }; }

begin_lan() {
  ip netns add lan
  ip link set enp0s3 netns lan
  in_lan ip link set lo up
  in_lan ip link set enp0s3 name lan0
  in_lan ip addr add 192.168.77.1/24 dev lan0
  in_lan ip link set lan0 up
  serve_dhcp lan0 192.168.77.50
  networkctl reconfigure enp0s2
}

serve_dhcp() { # LINK ADDRESS
  in_lan dnsmasq --conf-file=/dev/null "--pid-file=/run/dhcp-$1" --port=0 "--interface=$1" --bind-interfaces --user=root \
    --dhcp-authoritative "--dhcp-range=$2,$2,12h" "--dhcp-leasefile=/run/leases-$1" --no-ping
}

# What comes to a group, and what is said to it, is lost in the LAN: `deaf 239.255.71.76`.
deaf() {
  local family=ip
  [[ $1 == *:* ]] && family=ip6
  in_lan nft -f - << RULES
table inet deaf
delete table inet deaf
table inet deaf {
  chain in { type filter hook input priority 0; $family daddr $1 drop; }
  chain out { type filter hook output priority 0; $family daddr $1 drop; }
}
RULES
}
twin() { inkpost --data /root/twin "$@"; }
stands_down() { # REASON COMMAND...
  says "Nothing is sent since .*$1" "${@:2}" identity status
}
# On a machine of its own: with its data where a package has it, and without the machine service of the box.
serve_twin() {
  # shellcheck disable=SC2016
  in_lan sh -c 'mount --bind /root/twin /var/lib/inkpost && mount -t tmpfs tmpfs /run && exec inkpost serve' > /root/twin.log 2>&1 &
  twin_pid=$!
}

# Another box with a copy of the box's card: each has to hear of the other, and of which is said to be the one to stay.
find_twins() {
  cp -a /var/lib/inkpost /root/twin
  rm -f /root/twin/lock /root/twin/control.sock
  chown -R root:root /root/twin
  deaf ff12::696e:6b70
  serve_twin
  check 'another box with a copy of its card runs' until_true says '"event":"ready"' cat /root/twin.log
  check 'by 239.255.71.76 it hears of its copy, and stops sending' until_true stands_down 'a copy of this box' inkpost
  check 'it is said to be the one to stay' inkpost identity keep
  check 'and the other one hears that by 239.255.71.76' until_true stands_down 'a newer box' twin
  deaf 239.255.71.76
  check 'the other one is the one to stay' twin identity keep
  check 'by ff12::696e:6b70 it hears of that' until_true stands_down 'a newer box' inkpost
  check 'and is said to be the one to stay' inkpost identity keep
  check 'the other one hears that by ff12::696e:6b70' until_true stands_down 'a newer box' twin
  kill "$twin_pid"
  wait "$twin_pid"
}
