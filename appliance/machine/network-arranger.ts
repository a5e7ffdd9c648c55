import { existsSync, globSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { NetworkWish } from '../../src/core/machine-network.ts'
import { type Links, networkFiles, type RunFile } from './network-files.ts'
import { machineLinks } from './network-links.ts'
import type { NetworkWorld } from './network-world.ts'
import { supplicantFolder } from './supplicant-files.ts'

const ours = ['systemd/network/05-inkpost-*', 'systemd/network/*.network.d/inkpost-held.conf']

/** Makes a wish what the machine does now, until it starts again; null: its own configuration. */
export async function arrange(wish: NetworkWish | null, world: NetworkWorld): Promise<void> {
  const before = portsOfSupplicants(world)
  const oldLinks = madeLinks(world)
  clear(world)
  const files = wish === null ? [] : networkFiles(wish, machineLinks(world.links))
  for (const file of files) await put(file, world)
  const links = madeLinks(world)
  for (const name of oldLinks.filter((link) => !links.includes(link)))
    if (existsSync(join(world.links, name))) await world.call('networkctl', 'delete', name)
  await world.call('networkctl', 'reload')
  await followSupplicants(before, portsOfSupplicants(world), world)
}

/** Before systemd-networkd has started: it reads what lies there by itself. */
export async function arrangeAtStart(
  wish: NetworkWish,
  before: Partial<Links>,
  world: NetworkWorld,
): Promise<void> {
  const now = machineLinks(world.links)
  const links = { wired: now.wired ?? before.wired, wireless: now.wireless ?? before.wireless }
  for (const file of networkFiles(wish, links)) await put(file, world)
  // systemd waits for nobody here: the supplicants start behind this unit.
  for (const link of portsOfSupplicants(world))
    await world.call('systemctl', 'start', '--no-block', supplicantUnit(link))
}

function clear({ run }: NetworkWorld): void {
  for (const pattern of ours)
    for (const path of globSync(join(run, pattern))) rmSync(path, { recursive: true })
  rmSync(join(run, supplicantFolder), { recursive: true, force: true })
}

export async function put({ path, text, isSecret }: RunFile, { run }: NetworkWorld): Promise<void> {
  const place = join(run, path)
  mkdirSync(dirname(place), { recursive: true })
  await writeFile(place, text, { mode: isSecret === true ? 0o600 : 0o644 })
}

/** Links that systemd-networkd makes for us, and leaves there when their file is gone. */
const madeLinks = ({ run }: NetworkWorld): readonly string[] =>
  globSync(join(run, 'systemd/network/05-inkpost-*.netdev')).flatMap(
    (path) => /^Name=(.+)$/m.exec(readFileSync(path, 'utf8'))?.[1] ?? [],
  )

const supplicantUnit = (link: string): string => `inkpost-supplicant@${link}.service`

const portsOfSupplicants = ({ run }: NetworkWorld): readonly string[] =>
  globSync(join(run, supplicantFolder, '*.conf')).map((path) => basename(path, '.conf'))

async function followSupplicants(
  before: readonly string[],
  now: readonly string[],
  { call }: NetworkWorld,
): Promise<void> {
  for (const link of before) if (!now.includes(link)) await call('systemctl', 'stop', supplicantUnit(link))
  for (const link of now) await call('systemctl', 'restart', supplicantUnit(link))
}
