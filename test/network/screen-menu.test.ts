// The keyboard at the box's screen: a terminal, the gateway, the machine service, systemd-networkd.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { BoxInLan } from './box-in-lan.ts'
import { Gateway } from './gateway-in-box.ts'
import { eventually, withoutNamespaces } from './namespaces.ts'

const skip = withoutNamespaces()
const screenMain = resolve(import.meta.dirname, '../../appliance/screen/main.ts')

/** What stands on a terminal that a program draws whole, from its first line on. */
class Terminal {
  #written = ''
  readonly #child: ReturnType<BoxInLan['box']['atTerminal']>

  constructor(child: ReturnType<BoxInLan['box']['atTerminal']>) {
    this.#child = child
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      this.#written += piece
    })
  }

  type(keys: string): void {
    this.#child.stdin.write(keys)
  }

  get shows(): string {
    const [screen = ''] = this.#written.split('\u001b[H').slice(-1)
    return stripVTControlCharacters(screen)
  }

  /** Everything that ever stood there. */
  get written(): string {
    return this.#written
  }

  until(words: RegExp): Promise<true> {
    return eventually(`${words} in ${this.shows}`, () => words.test(this.shows))
  }

  async end(): Promise<void> {
    const over = this.#child.exitCode === null && once(this.#child, 'exit')
    this.#child.kill()
    await over
  }
}

const down = '\u001b[B'
const right = '\u001b[C'
const leave = '\u001b'

describe('the network menu at the screen of a box', { skip }, () => {
  let both: BoxInLan
  let gateway: Gateway
  let terminal: Terminal
  before(async () => {
    both = await BoxInLan.open()
    both.serveDhcp('192.168.77.50')
    await both.has('192.168.77.50/24')
    await both.startService()
    gateway = await Gateway.start(both)
    terminal = new Terminal(
      both.box.atTerminal(`${process.execPath} --no-warnings ${screenMain} /run/inkpost/screen.sock /`),
    )
  })
  after(async () => {
    await terminal?.end()
    both?.[Symbol.dispose]()
  })

  it('is opened by the claim code, tries an address, and keeps it', async () => {
    await terminal.until(/type the claim code to set the network/)
    const [, code = ''] = /Claim code +([A-Z0-9-]+)/.exec(terminal.shows) ?? []
    terminal.type('wrong\r')
    await terminal.until(/The claim code is another one/)
    terminal.type(`${code.toLowerCase()}\r`)
    await terminal.until(/Try it for two minutes/)
    terminal.type(`${down}${down}${right}\r192.168.77.9/24\r10.0.0.1\r\r\r`)
    await terminal.until(/! 10\.0\.0\.1 is not in the network of 192\.168\.77\.9\/24/)
    terminal.type('\u0015192.168.77.1\r\r\r')
    await terminal.until(/A NEW NETWORK ON TRIAL[\s\S]*Open http:\/\/192\.168\.77\.9:8025\//)
    await both.has('192.168.77.9/24')
    await terminal.until(/Address +192\.168\.77\.9/)
    terminal.type('\r')
    await terminal.until(/Kept: this is the network of the box/)
    assert.match(
      gateway.run('export').stdout,
      /\[network\]\nmethod = "static"\naddress = "192\.168\.77\.9\/24"\n/,
    )
    both.twoMinutesLater()
    assert.ok(both.addresses().includes('192.168.77.9/24'))
    assert.match(gateway.run('audit').stdout, /the claim code at the screen/)
    terminal.type('\r')
    await terminal.until(/READY: NOBODY HAS CLAIMED IT YET|NEEDS ATTENTION|IN TROUBLE/)
  })

  it('asks an administrator once the box belongs to somebody, and goes back where nobody keeps it', async () => {
    const added = gateway.run('operator add anna --role administrator', {
      INKPOST_PASSWORD: 'a good password',
    })
    assert.equal(added.code, 0, added.stderr)
    await terminal.until(/press Enter to set the network/)
    terminal.type('\ranna\ra bad password\r')
    await terminal.until(/Name or password is wrong/)
    terminal.type('a good password\r')
    await terminal.until(/192\.168\.77\.9\/24/)
    terminal.type(`${down}${down}${down}\u0015192.168.77.12/24${down}${down}\r\r`)
    await terminal.until(/A NEW NETWORK ON TRIAL/)
    await both.has('192.168.77.12/24')
    // The address is there before the trial has begun to its end; a real systemd would stop the service first.
    await both.ask('network-show', {})
    both.twoMinutesLater()
    await terminal.until(/The trial is over: the box has its network of before again/)
    assert.ok(both.addresses().includes('192.168.77.9/24'))
    terminal.type('x')
    await terminal.until(/press Enter to set the network/)
    assert.doesNotMatch(terminal.written, /a good password|a bad password/)
    terminal.type(`q${leave}`)
    await terminal.until(/press Enter to set the network/)
  })
})
