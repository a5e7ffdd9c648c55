// Two machines and a cable: network namespaces, gone when disposed.
import { type SpawnOptions, spawn, spawnSync } from 'node:child_process'

/** Why this machine makes none; undefined: it does. */
export function noNamespaces(): string | undefined {
  const tried = spawnSync('unshare', [
    '-n',
    'sh',
    '-c',
    'ip link add a0 type veth peer name a1 && nft add table inet a',
  ])
  return tried.status === 0 ? undefined : `network namespaces and nft are not to be had here: ${tried.stderr}`
}

export const boxAddress = { ip4: '10.77.0.1', ip6: 'fd77::1' } as const
export const lanAddress = { ip4: '10.77.0.2', ip6: 'fd77::2' } as const

export class Cable implements Disposable {
  readonly box: string
  readonly lan: string

  constructor() {
    const mark = process.pid.toString(36)
    this.box = `inkbox-${mark}`
    this.lan = `inklan-${mark}`
    for (const name of [this.box, this.lan]) run(['ip', 'netns', 'add', name])
    run([
      'ip',
      '-n',
      this.box,
      'link',
      'add',
      'eth0',
      'type',
      'veth',
      'peer',
      'name',
      'eth0',
      'netns',
      this.lan,
    ])
    for (const [name, { ip4, ip6 }] of [
      [this.box, boxAddress],
      [this.lan, lanAddress],
    ] as const) {
      run(['ip', '-n', name, 'address', 'add', `${ip4}/24`, 'dev', 'eth0'])
      run(['ip', '-n', name, 'address', 'add', `${ip6}/64`, 'dev', 'eth0', 'nodad'])
      run(['ip', '-n', name, 'link', 'set', 'lo', 'up'])
      run(['ip', '-n', name, 'link', 'set', 'eth0', 'up'])
    }
  }

  /** Runs it to its end; what it printed. Throws what it said where it failed. */
  in(name: string, command: readonly string[], input = ''): string {
    return run(['ip', 'netns', 'exec', name, ...command], input)
  }

  spawn(name: string, command: readonly string[], options: SpawnOptions) {
    return spawn('ip', ['netns', 'exec', name, ...command], options)
  }

  nft(name: string, rules: string): void {
    this.in(name, ['nft', '-f', '-'], rules)
  }

  [Symbol.dispose](): void {
    for (const name of [this.box, this.lan]) run(['ip', 'netns', 'delete', name])
  }
}

function run([command = '', ...words]: readonly string[], input = ''): string {
  const { status, stdout, stderr, error } = spawnSync(command, words, { input, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${words.join(' ')}: ${stderr ?? ''}${error ?? ''}`)
  return stdout
}
