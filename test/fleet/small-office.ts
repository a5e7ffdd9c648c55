// A head office of one box, branch-07, which is its canary, and lists another one that is silent.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { headOffice } from '../../src/gateway/fleet/head-office.ts'
import { temporaryFolder } from '../gateway-process.ts'
import { StaticServer } from './static-server.ts'

export class SmallOffice implements AsyncDisposable {
  /** Of the box: what its setup document ends with. */
  readonly member: string
  readonly #folder: ReturnType<typeof temporaryFolder>
  readonly #server: StaticServer
  readonly #key: string

  private constructor(folder: ReturnType<typeof temporaryFolder>, server: StaticServer) {
    this.#folder = folder
    this.#server = server
    this.#key = join(folder.path, 'office.key')
    const made = headOffice.makeKey(this.#key, '')
    if (made.kind === 'refused') throw new Error(made.reason)
    this.member = memberOf(server, made.publicKey)
  }

  static async start(): Promise<SmallOffice> {
    const folder = temporaryFolder()
    mkdirSync(join(folder.path, 'boxes'))
    writeFileSync(
      join(folder.path, 'fleet.toml'),
      'name = "contoso"\ncontact = "it@contoso.com"\ncanaries = ["branch-07"]\n',
    )
    writeFileSync(join(folder.path, 'boxes/branch-07.toml'), '')
    return new SmallOffice(folder, await StaticServer.start(folder.path))
  }

  /** `common.toml`, as the next serial. */
  publish(common: string): void {
    const { path: folder } = this.#folder
    writeFileSync(join(folder, 'common.toml'), common)
    const wish = { folder, keys: [this.#key], passphrase: '', out: join(folder, 'published') }
    const signed = headOffice.sign({ ...wish, serial: undefined, now: Date.now() })
    if (signed.kind === 'refused') throw new Error(signed.reason)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]()
    this.#folder[Symbol.dispose]()
  }
}

/** Nobody is at the other box's address. */
const memberOf = ({ url, caFile }: StaticServer, publicKey: string): string => `
[fleet]
url = "${url}"
public_keys = ["${publicKey}"]
canary = true
ca_file = "${caFile}"
[[fleet.box]]
name = "branch-31"
address = "127.0.0.1:9"
fingerprint = "${Array.from({ length: 32 }, () => 'AB').join(':')}"
token = "inkpost_of_a_test"
`
