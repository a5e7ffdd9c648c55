// The life of a package on a machine: installed, upgraded with mail in the spool, rolled back, removed, purged.
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import { emulateArm64 } from '../../appliance/package/emulation.ts'
import { SmtpClient } from '../smtp-client.ts'
import type { Debian } from './archives.ts'
import type { Checks } from './checks.ts'
import { debianRoot } from './debian-root.ts'
import { InstalledMachine } from './installed-machine.ts'

/** The way out leads nowhere: what comes in waits. */
const setup = `schema = 1
[gateway]
name = "branch-07"
sender = "box@contoso.com"
[console]
address = "127.0.0.1"
port = 0
[[listener]]
name = "submission"
address = "127.0.0.1"
port = 0
[[device]]
name = "Front desk"
username = "front"
password = "seventeen-4711"
addresses = ["127.0.0.1"]
sender = "front@contoso.com"
[[upstream]]
name = "relay"
kind = "smarthost"
host = "127.0.0.1"
port = 9
`

export interface Archives {
  readonly present: string
  readonly previous: string
}

export async function life(architecture: Debian, archives: Archives, checks: Checks): Promise<void> {
  if (architecture === 'arm64') emulateArm64()
  using root = debianRoot(architecture, 'life')
  const stage = new LifeStage(architecture, new InstalledMachine(root.path), checks)
  stage.installs(archives.previous)
  await stage.takesFirstSetup()
  stage.upgrades(archives.present, 'upgraded')
  await stage.keepsMail(3, 'after the upgrade')
  stage.upgrades(archives.previous, 'rolled back')
  await stage.keepsMail(4, 'after the rollback')
  await stage.refusesNewerSpool()
  stage.upgrades(archives.present, 'upgraded again')
  await stage.resets()
  stage.removes()
  stage.upgrades(archives.present, 'installed again')
  await stage.keepsMail(5, 'after remove and install')
  stage.purges()
}

const data = '/var/lib/inkpost'
const boot = '/boot/firmware'

class LifeStage {
  readonly #place: string
  readonly #machine: InstalledMachine
  readonly #checks: Checks

  constructor(place: string, machine: InstalledMachine, checks: Checks) {
    this.#place = place
    this.#machine = machine
    this.#checks = checks
  }

  installs(archive: string): void {
    const done = this.#machine.install(archive)
    this.#equal('dpkg -i', done.code, 0)
    this.#equal('the machine holds what the package says', this.#damaged(), [])
    const owner = this.#machine.run('stat', '-c', '%U:%G %a', data, '/etc/inkpost').stdout
    this.#equal('its directories are its own', owner, 'inkpost:inkpost 700\nroot:inkpost 750\n')
    this.#equal('the unit is enabled', this.#isEnabled(), true)
    this.#checks.match(
      this.#place,
      'the command runs',
      this.#machine.inkpost('--version').stdout,
      /^inkpost \d/,
    )
  }

  /** From the boot partition, which is root's: the document is applied once, its secrets go. */
  async takesFirstSetup(): Promise<void> {
    const file = this.#machine.place(`${boot}/inkpost.toml`)
    mkdirSync(this.#machine.place(boot), { recursive: true })
    writeFileSync(file, setup)
    await using gateway = await this.#machine.start()
    this.#equal('the gateway starts', gateway.ready?.event, 'ready')
    const back = this.#machine.run('/usr/lib/inkpost/boot-files', 'give-back')
    const erased = readFileSync(file, 'utf8')
    this.#equal(
      'the secrets are erased on the boot partition',
      [back.stderr, /4711/.test(erased), /Front desk/.test(erased)],
      ['', false, true],
    )
    this.#equal('and there they are root’s', statSync(file).uid, 0)
    for (let n = 1; n <= 3; n++) await this.#send(gateway.port('submission'))
    this.#equal('three mails are in the spool', this.#waiting(), 3)
    this.#equal('it stops with 0', await gateway.end('SIGTERM'), 0)
  }

  upgrades(archive: string, word: string): void {
    const done = this.#machine.install(archive)
    this.#equal(`it is ${word}`, done.code, 0)
    this.#equal(`${word}: the machine holds what the package says`, this.#damaged(), [])
  }

  /** One more is taken, and the gateway is killed: all of it is there. */
  async keepsMail(count: number, when: string): Promise<void> {
    await using gateway = await this.#machine.start()
    this.#equal(`${when}: mail waits`, this.#waiting(), count)
    await this.#send(gateway.port('submission'))
    await gateway.end('SIGKILL')
    this.#equal(`${when}: one more, and a kill`, this.#waiting(), count + 1)
    this.#machine.run('chown', '-hR', 'inkpost:inkpost', data)
  }

  async refusesNewerSpool(): Promise<void> {
    const known = this.#schema((database) =>
      database.prepare('SELECT version, readable_from FROM schema').get(),
    )
    this.#schema((database) => database.exec('UPDATE schema SET version = 1009, readable_from = 1007'))
    await using gateway = await this.#machine.start()
    const said = gateway.log.at(-1) ?? ''
    this.#equal('a spool that only a newer release reads: it does not start', gateway.ready, undefined)
    this.#checks.match(
      this.#place,
      'and says what to do',
      said,
      /spool\.db was written by a newer release: .*; install that release again/,
    )
    const { version, readable_from } = known as { readonly version: number; readonly readable_from: number }
    this.#schema((database) =>
      database.prepare('UPDATE schema SET version = ?, readable_from = ?').run(version, readable_from),
    )
    this.#machine.run('chown', '-hR', 'inkpost:inkpost', data)
  }

  /** By who has the card in hand; where the file can't be removed it proves nothing. */
  async resets(): Promise<void> {
    const file = this.#machine.place(`${boot}/inkpost-reset`)
    writeFileSync(file, '')
    {
      await using gateway = await this.#machine.start()
      this.#equal('a reset: its file is removed', existsSync(file), false)
      this.#checks.match(this.#place, 'and the box is reset', gateway.log.join('\n'), /"event":"box-reset"/)
    }
    writeFileSync(file, '')
    this.#machine.run('chmod', '0777', boot)
    await using gateway = await this.#machine.start()
    this.#checks.match(
      this.#place,
      'where everybody may write it is refused',
      gateway.log.join('\n'),
      /reset-refused/,
    )
    this.#machine.run('chmod', '0755', boot)
    rmSync(file, { force: true })
    this.#machine.run('chown', '-hR', 'inkpost:inkpost', data)
  }

  removes(): void {
    this.#equal('dpkg -r', this.#machine.run('dpkg', '-r', 'inkpost').code, 0)
    this.#equal('remove: the program is gone', existsSync(this.#machine.place('/usr/lib/inkpost')), false)
    this.#equal('remove: the data stays', existsSync(this.#machine.place(`${data}/spool.db`)), true)
  }

  purges(): void {
    this.#equal('dpkg -P', this.#machine.run('dpkg', '-P', 'inkpost').code, 0)
    const left = [data, '/etc/inkpost', '/usr/lib/inkpost', '/run/inkpost-boot'].filter((path) =>
      existsSync(this.#machine.place(path)),
    )
    this.#equal('purge: nothing is left', left, [])
    this.#equal('purge: the unit is not enabled any more', this.#isEnabled(), false)
  }

  #equal(name: string, found: unknown, expected: unknown): void {
    this.#checks.equal(this.#place, name, found, expected)
  }

  /** But for the documents, which this root leaves out. */
  #damaged(): readonly string[] {
    const lines = this.#machine.run('dpkg', '--verify', 'inkpost').stdout.split('\n')
    return lines.filter(
      (line) =>
        line !== '' && !/ \/usr\/share\/(doc|man)\//.test(line) && !line.endsWith('/usr/share/doc/inkpost'),
    )
  }

  #isEnabled(): boolean {
    const wants = '/etc/systemd/system/multi-user.target.wants/inkpost.service'
    return this.#machine.run('test', '-L', wants).code === 0
  }

  /** What waits, as root asks: through the gateway, or without one. */
  #waiting(): number {
    const asked = this.#machine.inkpost('queue', '--json')
    if (asked.code !== 0) throw new Error(asked.stderr)
    return (JSON.parse(asked.stdout) as readonly unknown[]).length
  }

  async #send(port: number): Promise<void> {
    using client = await SmtpClient.connect(port)
    await client.command('EHLO scanner')
    await client.signIn('front', 'seventeen-4711')
    const reply = await client.send({
      from: 'front@contoso.com',
      to: ['anna@fabrikam.com'],
      content: 'Subject: scan\r\n\r\npage\r\n',
    })
    if (!reply.startsWith('250')) throw new Error(`the mail was not taken: ${reply}`)
  }

  #schema<T>(act: (database: Database.Database) => T): T {
    const database = new Database(this.#machine.place(`${data}/spool.db`))
    try {
      return act(database)
    } finally {
      database.close()
    }
  }
}
