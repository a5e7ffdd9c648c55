#!/bin/bash
# Runs beside the guest where somebody has a way in: what is laid into the folder as NAME.sh; NAME.out and NAME.rc come back.
mkdir -p /way-in
modprobe -a 9p 9pnet_virtio
mount -t 9p -o trans=virtio,version=9p2000.L way-in /way-in || exit
play() {
  setsid bash "$1.run" > "$1.out" 2>&1 < /dev/null
  echo $? > "$1.rc"
}
while sleep 0.5; do
  for script in /way-in/*.sh; do
    [ -e "$script" ] || continue
    mv "$script" "${script%.sh}.run"
    play "${script%.sh}" &
  done
done
