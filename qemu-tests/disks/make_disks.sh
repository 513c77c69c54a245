# Makes the disk sets inside a helper guest (helper_guest.cpp): one SCSI disk for each file of a set, with the serial number
# SET-NUMBER. Whatever needs a kernel is made here, and the rest with it: one way, and no tool of the build host.
# A set's UUIDs have its number in their first digits, so that a test knows them: 0000NN00-0000-4000-8000-00000000000X.
set -eu
export LVM_SUPPRESS_FD_WARNINGS=1

# The kernel's name of the disk SET-NUMBER.
disk_of() {
  for block in /sys/block/sd*; do
    if [ "$(tail -c +5 "$block/device/vpd_pg80" | tr -d ' \000')" = "$1" ]; then echo "/dev/${block##*/}"; return; fi
  done
  echo "no disk $1" >&2
  exit 1
}

# uuid SET X: 12 -> 00001200-0000-4000-8000-00000000000X
uuid() { printf '0000%02d00-0000-4000-8000-00000000000%s' "$1" "$2"; }

# partition DEVICE TABLE-TEXT: what sfdisk understands.
partition() {
  printf '%s\n' "$2" | sfdisk --quiet --wipe never "$1"
  udevadm settle --timeout=30
}

# root FOLDER SET-NAME FSTAB: what a Debian 11 has at least, with the text that tests read.
root() {
  for folder in bin boot dev etc home proc root run sbin sys tmp usr/lib var; do mkdir -p "$1/$folder"; done
  cat > "$1/usr/lib/os-release" <<'END'
PRETTY_NAME="Debian GNU/Linux 11 (bullseye)"
NAME="Debian GNU/Linux"
VERSION_ID="11"
VERSION="11 (bullseye)"
VERSION_CODENAME=bullseye
ID=debian
END
  ln -s ../usr/lib/os-release "$1/etc/os-release"
  echo "server-$2" > "$1/etc/hostname"
  echo "probe of $2" > "$1/etc/rescue-probe"
  printf '%s\n' "$3" > "$1/etc/fstab"
}

# fill DEVICE SET-NAME FSTAB [MOUNT OPTIONS]: a file system that holds nothing but a root.
fill() {
  mount ${4:+-o "$4"} "$1" /mnt
  root /mnt "$2" "$3"
  umount /mnt
}

ext4() { mkfs.ext4 -q -F -E lazy_itable_init=0,lazy_journal_init=0 -L "$2" -U "$3" "$1"; }

gpt() { printf 'label: gpt\nlabel-id: %s\n' "$(uuid "$1" 1)"; }
linux='type=0FC63DAF-8483-4772-8E79-3D69D8477DE4'
lvm='type=E6D6D379-F507-44C2-A23C-238F2A3DF928'
raid='type=A19D880F-05FC-4D3B-A006-743F0F84911E'
esp='type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B'

make_xfs() { # NAME SET
  d=$(disk_of "$1-0")
  partition "$d" "$(gpt "$2"; echo "start=2048, $linux, uuid=$(uuid "$2" 2)")"
  mkfs.xfs -q -f -L "$1" -m "uuid=$(uuid "$2" 3)" "${d}1"
  fill "${d}1" "$1" "UUID=$(uuid "$2" 3) / xfs defaults 0 0"
}

make_ext4() { # NAME SET
  d=$(disk_of "$1-0")
  partition "$d" "$(gpt "$2"; echo "start=2048, $linux, uuid=$(uuid "$2" 2)")"
  ext4 "${d}1" root "$(uuid "$2" 3)"
  fill "${d}1" "$1" "UUID=$(uuid "$2" 3) / ext4 errors=remount-ro 0 1"
}

make_btrfs_subvolumes() {
  d=$(disk_of btrfs-subvolumes-0)
  partition "$d" "$(gpt 2; echo "start=2048, $linux, uuid=$(uuid 2 2)")"
  mkfs.btrfs -q -f -L btrfs-root -U "$(uuid 2 3)" "${d}1"
  mount "${d}1" /mnt
  btrfs -q subvolume create /mnt/@
  btrfs -q subvolume create /mnt/@home
  echo "home of btrfs-subvolumes" > /mnt/@home/rescue-probe
  root /mnt/@ btrfs-subvolumes "UUID=$(uuid 2 3) / btrfs subvol=@ 0 0
UUID=$(uuid 2 3) /home btrfs subvol=@home 0 0"
  umount /mnt
}

make_lvm_on_gpt() {
  d=$(disk_of lvm-on-gpt-0)
  partition "$d" "$(gpt 3; echo "start=2048, $lvm, uuid=$(uuid 3 2)")"
  pvcreate -qq "${d}1"
  vgcreate -qq server "${d}1"
  lvcreate -qq -y -W n -n root -L 96m server
  lvcreate -qq -y -W n -n home -L 32m server
  ext4 /dev/server/root root "$(uuid 3 3)"
  ext4 /dev/server/home home "$(uuid 3 4)"
  fill /dev/server/root lvm-on-gpt "/dev/mapper/server-root / ext4 errors=remount-ro 0 1
/dev/mapper/server-home /home ext4 defaults 0 2"
  mount /dev/server/home /mnt
  echo "home of lvm-on-gpt" > /mnt/rescue-probe
  umount /mnt
  vgchange -qq -an server
}

unchecked='global { thin_check_executable="" cache_check_executable="" }'

make_lvm_thin() {
  d=$(disk_of lvm-thin-0)
  partition "$d" "$(gpt 4; echo "start=2048, $lvm, uuid=$(uuid 4 2)")"
  pvcreate -qq "${d}1"
  vgcreate -qq thinserver "${d}1"
  lvcreate -qq --config "$unchecked" -y --type thin-pool -n pool -L 160m --poolmetadatasize 4m thinserver
  lvcreate -qq --config "$unchecked" -y --thin -n root -V 128m thinserver/pool
  fill_volume lvm-thin 4 thinserver
}

# fill_volume NAME SET GROUP: a root on /dev/GROUP/root, which is then closed.
fill_volume() {
  ext4 "/dev/$3/root" root "$(uuid "$2" 3)"
  fill "/dev/$3/root" "$1" "/dev/mapper/$3-root / ext4 errors=remount-ro 0 1"
  vgchange -qq --config "$unchecked" -an "$3"
}

# A root of which a part is in its cache alone: it was written back by nobody.
make_lvm_cache() {
  d=$(disk_of lvm-cache-0)
  partition "$d" "$(gpt 19; echo "start=2048, $lvm, uuid=$(uuid 19 2)")"
  pvcreate -qq "${d}1"
  vgcreate -qq cacheserver "${d}1"
  lvcreate -qq -y -W n -n root -L 96m cacheserver
  lvcreate -qq -y -W n -n fast -L 32m cacheserver
  lvconvert -qq --config "$unchecked" -y --type cache --cachevol fast --cachemode writeback cacheserver/root
  fill_volume lvm-cache 19 cacheserver
}

make_lvm_raid1() {
  for i in 0 1; do
    d=$(disk_of "lvm-raid1-$i")
    partition "$d" "$(gpt "2$i"; echo "start=2048, $lvm, uuid=$(uuid "2$i" 2)")"
    pvcreate -qq "${d}1"
  done
  vgcreate -qq raidserver "$(disk_of lvm-raid1-0)1" "$(disk_of lvm-raid1-1)1"
  lvcreate -qq -y -W n -n root --type raid1 -m 1 -L 48m raidserver
  fill_volume lvm-raid1 20 raidserver
}

# Two disks of two servers, whose groups an installer has named alike. LVM sees one of them at a time.
make_two_groups() {
  for i in 0 1; do
    d=$(disk_of "two-groups-$i")
    partition "$d" "$(gpt "$((25 + i))"; echo "start=2048, $lvm, uuid=$(uuid "$((25 + i))" 2)")"
    pvcreate -qq --devices "${d}1" "${d}1"
    vgcreate -qq --devices "${d}1" twin "${d}1"
    lvcreate -qq --devices "${d}1" -y -W n -n root -L 48m twin
    ext4 /dev/twin/root root "$(uuid "$((25 + i))" 3)"
    fill /dev/twin/root two-groups "/dev/mapper/twin-root / ext4 errors=remount-ro 0 1"
    mount /dev/twin/root /mnt
    echo "probe of disk $i of two-groups" > /mnt/etc/rescue-probe
    umount /mnt
    vgchange -qq --devices "${d}1" -an twin
  done
}

# A firmware's RAID, as mdadm makes it for one: a container of whole disks, and a mirror in it.
make_ddf() {
  mdadm --quiet --create /dev/md60 --run --metadata=ddf --level=container -n 2 "$(disk_of ddf-0)" "$(disk_of ddf-1)"
  mdadm --quiet --create /dev/md61 --run --assume-clean --level=1 -n 2 /dev/md60
  ext4 /dev/md61 root "$(uuid 22 3)"
  fill /dev/md61 ddf "UUID=$(uuid 22 3) / ext4 errors=remount-ro 0 1"
  mdadm --quiet --wait-clean --scan || true
  mdadm --quiet --stop /dev/md61
  mdadm --quiet --stop /dev/md60
}

# raid NAME SET LEVEL SLOTS PRESENT: one ext4 on an array of a partition of each disk.
make_raid() {
  members=
  i=0
  while [ $i -lt "$5" ]; do
    d=$(disk_of "$1-$i")
    partition "$d" "$(printf 'label: gpt\nlabel-id: %s\n' "$(uuid "$2" "a$i" | sed 's/00a/0a/')"; echo "start=2048, $raid")"
    members="$members ${d}1"
    i=$((i + 1))
  done
  while [ $i -lt "$4" ]; do members="$members missing"; i=$((i + 1)); done
  mdadm --quiet --create /dev/md50 --run --assume-clean --metadata=1.2 --homehost=server --name="$1" --bitmap=none \
    --level="$3" -n "$4" $members
  ext4 /dev/md50 root "$(uuid "$2" 3)"
  fill /dev/md50 "$1" "UUID=$(uuid "$2" 3) / ext4 errors=remount-ro 0 1"
  mdadm --quiet --stop /dev/md50
}

make_luks2_lvm() {
  d=$(disk_of luks2-lvm-0)
  partition "$d" "$(gpt 8; echo "start=2048, size=64M, $linux, uuid=$(uuid 8 2)"; echo "$linux, uuid=$(uuid 8 3)")"
  ext4 "${d}1" boot "$(uuid 8 4)"
  mount "${d}1" /mnt
  echo "boot of luks2-lvm" > /mnt/rescue-probe
  umount /mnt
  printf '%s' "$LUKS_PASSPHRASE" > /run/passphrase
  cryptsetup luksFormat -q --type luks2 --uuid "$(uuid 8 5)" --pbkdf pbkdf2 --pbkdf-force-iterations 1000 "${d}2" /run/passphrase
  cryptsetup open --key-file /run/passphrase "${d}2" sealed
  pvcreate -qq /dev/mapper/sealed
  vgcreate -qq sealedserver /dev/mapper/sealed
  lvcreate -qq -y -W n -n root -L 96m sealedserver
  ext4 /dev/sealedserver/root root "$(uuid 8 6)"
  fill /dev/sealedserver/root luks2-lvm "/dev/mapper/sealedserver-root / ext4 errors=remount-ro 0 1
UUID=$(uuid 8 4) /boot ext4 defaults 0 2"
  mount /dev/sealedserver/root /mnt
  echo "sealed UUID=$(uuid 8 5) none luks" > /mnt/etc/crypttab
  umount /mnt
  vgchange -qq -an sealedserver
  cryptsetup close sealed
}

make_boot_and_esp() {
  d=$(disk_of boot-and-esp-0)
  partition "$d" "$(gpt 9; echo "start=2048, size=48M, $esp, uuid=$(uuid 9 2)"
    echo "size=48M, $linux, uuid=$(uuid 9 3)"; echo "$linux, uuid=$(uuid 9 4)")"
  mkfs.vfat -i 09090909 -n ESP "${d}1" > /dev/null
  ext4 "${d}2" boot "$(uuid 9 5)"
  ext4 "${d}3" root "$(uuid 9 6)"
  mount "${d}1" /mnt
  mkdir -p /mnt/EFI/debian
  echo "esp of boot-and-esp" > /mnt/EFI/debian/rescue-probe
  umount /mnt
  mount "${d}2" /mnt
  mkdir -p /mnt/grub /mnt/efi
  echo "set timeout=5" > /mnt/grub/grub.cfg
  : > /mnt/vmlinuz-5.10.0-30-amd64
  echo "boot of boot-and-esp" > /mnt/rescue-probe
  umount /mnt
  fill "${d}3" boot-and-esp "UUID=$(uuid 9 6) / ext4 errors=remount-ro 0 1
UUID=$(uuid 9 5) /boot ext4 defaults 0 2
UUID=0909-0909 /boot/efi vfat umask=0077 0 1"
}

make_mbr_logical() {
  d=$(disk_of mbr-logical-0)
  partition "$d" "label: dos
label-id: 0x10101010
start=2048, size=48M, type=83, bootable
type=5
size=128M, type=83
size=32M, type=82"
  ext4 "${d}1" boot "$(uuid 10 3)"
  mount "${d}1" /mnt
  echo "boot of mbr-logical" > /mnt/rescue-probe
  umount /mnt
  ext4 "${d}5" root "$(uuid 10 4)"
  mkswap -q -U "$(uuid 10 5)" "${d}6"
  fill "${d}5" mbr-logical "UUID=$(uuid 10 4) / ext4 errors=remount-ro 0 1
UUID=$(uuid 10 3) /boot ext4 defaults 0 2
UUID=$(uuid 10 5) none swap sw 0 0"
}

make_partitionless() {
  d=$(disk_of partitionless-0)
  ext4 "$d" root "$(uuid 11 3)"
  fill "$d" partitionless "UUID=$(uuid 11 3) / ext4 errors=remount-ro 0 1"
}

# The primary header's sector is lost, its table and the backup are whole.
make_gpt_broken_primary() {
  make_ext4 gpt-broken-primary 12
  dd if=/dev/zero of="$(disk_of gpt-broken-primary-0)" bs=512 seek=1 count=1 conv=notrunc,fsync status=none
}

# As after a copy that stopped in the middle: the second half was never written.
make_half_written() {
  make_ext4 half-written 15
  dd if=/dev/zero of="$(disk_of half-written-0)" bs=1M seek=64 conv=notrunc,fsync status=none 2> /run/dd || true
}

make_windows() {
  d=$(disk_of windows-0)
  partition "$d" "$(gpt 16; echo "start=2048, size=48M, $esp, uuid=$(uuid 16 2)"
    echo "size=16M, type=E3C9E316-0B5C-4DB8-817D-F92DF00215AE, uuid=$(uuid 16 3)"
    echo "type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7, uuid=$(uuid 16 4)")"
  mkfs.vfat -i 16161616 -n SYSTEM "${d}1" > /dev/null
  mount "${d}1" /mnt
  mkdir -p /mnt/EFI/Microsoft/Boot
  echo "boot manager" > /mnt/EFI/Microsoft/Boot/bootmgfw.efi
  umount /mnt
  mkfs.ntfs --quick --quiet --label Windows "${d}3"
  ntfs-3g "${d}3" /mnt
  mkdir -p /mnt/Windows/System32/config /mnt/Users/Public "/mnt/Program Files"
  echo "probe of windows" > /mnt/Users/Public/rescue-probe.txt
  : > /mnt/Windows/System32/ntoskrnl.exe
  umount /mnt
}

make_two_originals() {
  make_ext4 two-originals 17
  d=$(disk_of two-originals-1)
  partition "$d" "$(gpt 18; echo "start=2048, $linux, uuid=$(uuid 18 2)")"
  ext4 "${d}1" root "$(uuid 18 3)"
  fill "${d}1" two-originals "UUID=$(uuid 18 3) / ext4 errors=remount-ro 0 1"
  mount "${d}1" /mnt
  sed -i 's/^PRETTY_NAME=.*/PRETTY_NAME="Ubuntu 22.04.4 LTS"/; s/^ID=.*/ID=ubuntu/' /mnt/usr/lib/os-release
  echo "probe of the second of two-originals" > /mnt/etc/rescue-probe
  umount /mnt
}

# Stays mounted until QEMU is killed: what was written last is in the journal alone, or in neither place.
leave_dirty() { # NAME TYPE FOLDER
  mkdir -p "$3"
  mount "$(disk_of "$1-0")1" "$3"
  echo "written before the crash" > "$3/etc/rescue-late"
  sync -f "$3"
  mv "$3/etc/rescue-late" "$3/etc/rescue-later"
  sync "$3/etc/rescue-later"
}

modprobe -a raid1 raid10 raid456 dm_mod dm_crypt dm_thin_pool dm_cache_smq dm_raid xfs btrfs ext4 vfat 2> /run/modprobe || true
modprobe fuse || true
for block in /sys/block/sd*; do rescue write "${block##*/}" > /run/write; done

step() { echo "$1" >&2; "$@"; }
step make_xfs xfs 1
step make_btrfs_subvolumes
step make_lvm_on_gpt
step make_lvm_thin
step make_raid raid1 5 1 2 2
step make_raid raid1-degraded 6 1 2 1
step make_raid raid5 7 5 3 3
step make_raid raid6-degraded 23 6 4 2
step make_raid raid10-degraded 24 10 4 3
step make_lvm_cache
step make_lvm_raid1
step make_two_groups
step make_ddf
step make_luks2_lvm
step make_boot_and_esp
step make_mbr_logical
step make_partitionless
step make_gpt_broken_primary
step make_ext4 ext4-dirty 13
step make_xfs xfs-dirty 14
step make_half_written
step make_windows
step make_two_originals
sync
for block in /sys/block/sd*; do blockdev --flushbufs "/dev/${block##*/}"; done
step leave_dirty ext4-dirty ext4 /run/dirty-ext4
step leave_dirty xfs-dirty xfs /run/dirty-xfs
echo made
