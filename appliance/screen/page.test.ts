import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ScreenFacts } from '../../src/core/screen.ts'
import type { NetworkSight } from './network-sight.ts'
import { columns, consoleUrl, pageOf, rows } from './page.ts'
import { drawn } from './terminal.ts'

const now = new Date(Date.UTC(2026, 10, 29, 7, 22))
const box: ScreenFacts = {
  name: 'branch-07',
  localName: 'branch-07.local',
  version: '0.1.0',
  console: { port: 443, isSecure: true },
  claimCode: undefined,
  state: 'working',
  trouble: '',
  isClockBelievable: true,
}
const network: NetworkSight = {
  links: [{ name: 'eth0', isRadio: false, hasCarrier: true, addresses: ['192.168.7.5', 'fd00:7::5'] }],
  gateway: '192.168.7.1',
  nameServers: ['192.168.7.1', '9.9.9.9'],
}
const wired = { name: 'eth0', isRadio: false, hasCarrier: false, addresses: [] }

/** The text beside the code. */
const textOf = (facts: { readonly network: NetworkSight; readonly box: ScreenFacts | undefined }): string =>
  pageOf({ ...facts, now })
    .map((line) => line.replace(/[█▀▄].*$/, '').trimEnd())
    .join('\n')
    .trimEnd()

describe('the page on the screen', () => {
  it('shows a new box with its claim code, and the console as a code for a phone', () => {
    const page = pageOf({ network, box: { ...box, claimCode: 'ABCD2345', state: 'unclaimed' }, now })
    assert.equal(
      page.join('\n'),
      `inkpost branch-07                                           2026-11-29 07:22 UTC
--------------------------------------------------------------------------------

READY: NOBODY HAS CLAIMED IT YET               █████████████████████████████
                                               ██ ▄▄▄▄▄ ██▄▄ ▀▀ █ █ ▄▄▄▄▄ ██
Console     https://192.168.7.5/               ██ █   █ █▀▄  █▀▀█▄█ █   █ ██
            or https://branch-07.local/        ██ █▄▄▄█ █▄▀ █▄█ ███ █▄▄▄█ ██
Claim code  ABCD-2345                          ██▄▄▄▄▄▄▄█▄▀▄█ █ ▀ █▄▄▄▄▄▄▄██
                                               ██▄▄██▀▄▄ ▀▄ █▄ ▀▀▀▀██  ▀▀███
Address     192.168.7.5 (eth0)                 ██ ▀  ▄▄▄  ▄▀ ▄▄ ▄█▀▀▄█ █▄ ██
            fd00:7::5 (eth0)                   ██▀██▄▄▄▄ ▄  █▀ ▄▀█ ▄████▀▄██
Gateway     192.168.7.1                        ██ █ ▄ █▄▄▀▄▀█▀   ██▄ ▄ ▀▄ ██
DNS         192.168.7.1                        ██▄█▄▄██▄█▀▀ █▄█▄  ▄▄▄ █▄████
            9.9.9.9                            ██ ▄▄▄▄▄ █ ▀ ▀▄▄ █ █▄█ ███ ██
                                               ██ █   █ ██▀▄▄▀▀█  ▄ ▄▄█▄  ██
                                               ██ █▄▄▄█ █▀ ██▀ ▄ ▀▀█▀▀▄▄█ ██
                                               ██▄▄▄▄▄▄▄█▄▄▄▄▄▄█▄▄▄███▄██▄██
                                               ▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀`,
    )
  })

  it('shows a box that works', () => {
    assert.equal(
      textOf({ network, box }),
      `inkpost branch-07                                           2026-11-29 07:22 UTC
--------------------------------------------------------------------------------

WORKING

Console     https://192.168.7.5/
            or https://branch-07.local/

Address     192.168.7.5 (eth0)
            fd00:7::5 (eth0)
Gateway     192.168.7.1
DNS         192.168.7.1
            9.9.9.9`,
    )
  })

  it('shows the worst trouble, in letters that a console has, and a clock that nobody set', () => {
    const ill = { ...box, state: 'trouble' as const, isClockBelievable: false }
    const text = textOf({
      network,
      box: {
        ...ill,
        trouble: 'The vault is locked: “Büro” \u001b[2J can not sign in by password and nothing is sent.',
      },
    })
    assert.match(text, /2026-11-29 07:22 UTC \(the clock is not set\)\n/)
    assert.match(
      text,
      /\nIN TROUBLE\nThe vault is locked: \?Buro\? \?\[2J can not sign\nin by password and nothing is sent\.\n/,
    )
  })

  it('says why there is no network', () => {
    const rowsOf = [
      [{ links: [] }, 'NO NETWORK: this machine has no network port\nthat works.'],
      [{ links: [wired] }, 'NO NETWORK: no cable, or nobody at its other\nend (eth0).'],
      [
        { links: [wired, { ...wired, name: 'wlan0', isRadio: true }] },
        'NO NETWORK: no cable, or nobody at its other\nend (eth0); no Wi-Fi is joined (wlan0).',
      ],
      [
        { links: [{ ...wired, hasCarrier: true }] },
        'NO ADDRESS: eth0 is connected, but no DHCP\nserver or router gave an address.',
      ],
    ] as const
    for (const [seen, words] of rowsOf) {
      const text = textOf({ network: { gateway: undefined, nameServers: [], ...seen }, box })
      assert.ok(text.endsWith(words), text)
      assert.match(text, /\nConsole {5}no address yet\n/)
    }
    assert.match(textOf({ network: { ...network, gateway: undefined }, box }), /NO WAY OUT: /)
    assert.match(textOf({ network: { ...network, nameServers: [] }, box }), /NO NAMES: /)
  })

  it('is still of use where no gateway answers', () => {
    const text = textOf({ network, box: undefined })
    assert.match(text, /^inkpost {10,}.*UTC\n/)
    assert.match(text, /\nNOT RUNNING: the gateway does not answer\./)
    assert.match(text, /\nAddress {5}192\.168\.7\.5 \(eth0\)\n/)
  })

  it('leads to the console by an address, also by IPv6 and at another port', () => {
    const of6 = { ...network, links: [{ ...wired, hasCarrier: true, addresses: ['fd00:7::5'] }] }
    const at = { ...box, console: { port: 8443, isSecure: true } }
    assert.equal(consoleUrl({ network: of6, box: at, now }), 'https://[fd00:7::5]:8443/')
    const plain = { ...box, console: { port: 80, isSecure: false } }
    assert.equal(consoleUrl({ network, box: plain, now }), 'http://192.168.7.5/')
    assert.match(textOf({ network, box: { ...box, console: undefined } }), /\nConsole {5}closed\n/)
    const long = {
      ...network,
      links: [{ ...wired, hasCarrier: true, addresses: ['fd00:7777:7777:7777:7777:7777:7777:7777'] }],
    }
    assert.match(
      textOf({ network: long, box: at }),
      /\nConsole {5}https:\/\/\[fd00:7777:7777:7777:7777:\n {12}7777:7777:7777\]:8443\/\n/,
    )
  })

  it('fits 80 by 25, whatever it is told', () => {
    const long = 'x'.repeat(300)
    const many = Array.from({ length: 9 }, (_, n) => ({
      ...wired,
      name: `eth${n}`,
      addresses: [`fd00:7777:7777:7777:7777:7777:7777:${n}`],
    }))
    const page = pageOf({
      network: { links: many, gateway: long, nameServers: Array(9).fill(long) },
      box: { ...box, name: long, claimCode: 'ABCD2345', state: 'trouble', trouble: `${long} `.repeat(30) },
      now,
    })
    assert.ok(page.length <= rows, `${page.length} lines`)
    for (const line of page) assert.ok([...line].length <= columns, line)
  })

  it('is drawn over the last one', () => {
    assert.equal(drawn(['a', 'b']), '\u001b[H\u001b[Ka\r\n\u001b[Kb\r\n\u001b[J')
    assert.ok(drawn(Array(rows).fill('a')).endsWith('a'))
  })
})
