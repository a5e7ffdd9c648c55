// Setup documents that are wrong: exit status 2, every problem with its place, nothing changed.
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Finished, GatewayProcess, temporaryFolder, testListeners } from '../gateway-process.ts'
import { inkpost } from './command-line.ts'

const good = `schema = 1
${testListeners}
[[device]]
name = "Front desk"
username = "scan1"
password = "12345678"
sender = "scanner@contoso.com"
[[upstream]]
name = "kept"
kind = "outbox"
`

const device = (name: string, ...lines: readonly string[]): string =>
  `[[device]]\nname = "${name}"\n${lines.join('\n')}\n`

const rows = [
  {
    name: 'a key that is not finished',
    text: 'schema = 1\n[gateway\nname = "branch-07"\n',
    answer: ['1 error', 'line 2, column 9: is not TOML: illegal character in key'],
  },
  {
    name: 'unknown keys: all of them at once',
    text: `schema = 1\ncolour = "red"\n[gateway]\nnmae = "branch-07"\n${device('Front desk', 'pasword = "1234"')}[wibble]\nwobble = 1\n`,
    answer: [
      '4 errors',
      'gateway: nmae: unknown key',
      'device 1 "Front desk": pasword: unknown key',
      'colour: unknown key',
      'wibble: unknown key',
    ],
  },
  {
    name: 'what can not be read and what is forbidden, at once',
    text: `schema = 1\n${device('Hall', 'colour = "red"')}${device('Front desk', 'username = "scan1"')}`,
    answer: [
      '2 errors',
      'device 1 "Hall": colour: unknown key',
      'device 2 "Front desk": needs a password or addresses; without both anyone could send in its name',
    ],
  },
  {
    name: 'an empty file',
    text: '',
    answer: ['1 error', 'schema: is missing: the document is empty'],
  },
  {
    name: 'a file of comments and blank lines',
    text: '# schema = 1\n\n  \t\r\n',
    answer: ['1 error', 'schema: is missing: the document is empty'],
  },
  {
    name: 'a username twice',
    text:
      device('Hall', 'username = "scan1"', 'password = "12345678"') +
      device('Front desk', 'username = "scan1"', 'password = "87654321"'),
    answer: ['1 error', 'device 2 "Front desk": username: "scan1" is already a login of device "Hall"'],
  },
  {
    name: 'a username of 16 characters',
    text: device('Front desk', 'username = "scanner-on-3rd-f"', 'password = "12345678"'),
    answer: [
      '1 error',
      'device 1 "Front desk": username: must be 1 to 15 characters of a-z 0-9 . _ - (a longer login goes to also_known_as)',
    ],
  },
  {
    name: 'a sender that no upstream accepts',
    text: `${device('Front desk', 'addresses = ["127.0.0.2"]', 'sender = "scan@fabrikam.example"')}[[upstream]]
name = "acs"
kind = "acs-email"
endpoint = "https://contoso.communication.azure.com"
senders = ["scanner@contoso.com"]
[upstream.credential]
kind = "access-key"
key = "c2VjcmV0"
`,
    answer: [
      '1 error',
      'device 1 "Front desk": sender: "scan@fabrikam.example" is accepted by no upstream of its route (acs), and none of them has a sender to use instead',
    ],
  },
  {
    name: 'what would open a relay',
    text: `schema = 1\n[gateway]\ntrusted_networks = ["0.0.0.0/0"]\n${device('Anybody', 'addresses = ["::/0"]')}`,
    answer: [
      '2 errors',
      'gateway: trusted_networks: "0.0.0.0/0" is the whole internet; name the networks of your devices',
      'device 1 "Anybody": addresses: "::/0" is the whole internet; name the network in which the device stands',
    ],
  },
  {
    name: 'a device that anybody could be',
    text: device('Front desk', 'username = "scan1"'),
    answer: [
      '1 error',
      'device 1 "Front desk": needs a password or addresses; without both anyone could send in its name',
    ],
  },
]

describe('a setup document that is wrong', () => {
  const folder = temporaryFolder()
  const data = join(folder.path, 'data')
  let gateway: GatewayProcess
  let exported = ''

  before(async () => {
    mkdirSync(data)
    gateway = await GatewayProcess.start(data, { setup: good })
    exported = gateway.run('export').stdout
  })
  after(async () => {
    await gateway[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  const apply = (text: string): { readonly file: string; readonly done: Finished } => {
    const file = join(folder.path, 'document.toml')
    writeFileSync(file, text)
    return { file, done: gateway.run('apply', file) }
  }

  for (const { name, text, answer } of rows) {
    it(`${name}: exit 2, the place is named, nothing is changed`, () => {
      const { file, done } = apply(text)
      const [count, ...places] = answer
      assert.equal(done.stderr, `inkpost: ${file} has ${count}; nothing was changed\n${places.join('\n')}\n`)
      assert.equal(done.code, 2)
      assert.equal(done.stdout, '')
      assert.equal(gateway.run('export').stdout, exported)
    })
  }

  it('a file that is not there: exit 2', () => {
    const file = join(folder.path, 'nowhere.toml')
    assert.deepEqual(gateway.run('apply', file), {
      code: 2,
      stdout: '',
      stderr: `inkpost: ${file} can't be read: ENOENT: no such file or directory, open '${file}'\n`,
    })
  })

  it('the same problems end a first start with status 2, and its document stays as it was', () => {
    using other = temporaryFolder()
    const file = join(other.path, 'inkpost.toml')
    writeFileSync(file, 'schema = 1\ncolour = "red"\n')
    const done = inkpost(join(other.path, 'data'), { INKPOST_SETUP: file }, 'serve')
    assert.deepEqual(done, {
      code: 2,
      stdout: '',
      stderr: `inkpost: ${file} can't be applied:\ncolour: unknown key\n`,
    })
    assert.equal(readFileSync(file, 'utf8'), 'schema = 1\ncolour = "red"\n')
  })

  it('a first start whose document is not there: status 2', () => {
    using other = temporaryFolder()
    const file = join(other.path, 'inkpost.toml')
    assert.deepEqual(inkpost(join(other.path, 'data'), { INKPOST_SETUP: file }, 'serve'), {
      code: 2,
      stdout: '',
      stderr: `inkpost: the first setup document ${file} (INKPOST_SETUP) is not there\n`,
    })
  })

  it('a start of a box that has its setup does not ask for the first document any more', async () => {
    using other = temporaryFolder()
    await (await GatewayProcess.start(join(other.path, 'data'), { setup: good }))[Symbol.asyncDispose]()
    rmSync(join(other.path, 'setup.toml'))
    const environment = { INKPOST_SETUP: join(other.path, 'setup.toml') }
    await using again = await GatewayProcess.start(join(other.path, 'data'), { environment })
    assert.match(again.run('export').stdout, /Front desk/)
  })

  it('a document is tried on a box that is not there yet, which makes none', () => {
    using other = temporaryFolder()
    const data = join(other.path, 'data')
    const file = join(other.path, 'good.toml')
    writeFileSync(file, good)
    const checked = inkpost(data, {}, 'apply', '--check', file)
    assert.equal(checked.code, 0, checked.stderr)
    assert.match(checked.stdout, /^It is valid and would change:\n(.*\n)* {2}device "Front desk": added\n/)
    writeFileSync(file, '[[device]]\nname = "A"\npassword = "(kept)"\n')
    const wrong = inkpost(data, {}, 'apply', '--check', file)
    assert.equal(wrong.code, 2)
    assert.match(wrong.stderr, /^device 1 "A": password: nothing is kept for this device/m)
    assert.deepEqual(readdirSync(other.path), ['good.toml'])
  })

  it('a document without any table is one: everything goes back to its default, and it says what went', () => {
    using other = temporaryFolder()
    const empty = join(other.path, 'empty.toml')
    writeFileSync(empty, 'schema = 1\n')
    const otherData = join(other.path, 'data')
    const file = join(other.path, 'good.toml')
    writeFileSync(file, good)
    assert.equal(inkpost(otherData, {}, 'apply', file).code, 0)
    const checked = inkpost(otherData, {}, 'apply', '--check', empty)
    assert.equal(checked.code, 0)
    assert.match(checked.stdout, /^It is valid and would change:\n/)
    for (const what of [
      'device "Front desk": removed',
      'upstream "kept": removed',
      'device: none is left, no device may hand in mail',
      'upstream: none is left, mail has no way out',
    ])
      assert.ok(checked.stdout.includes(`\n  ${what}\n`), checked.stdout)
    const done = inkpost(otherData, {}, 'apply', empty)
    assert.equal(done.code, 0)
    assert.match(done.stdout, /^Applied as revision 2:\n/)
    assert.match(
      done.stdout,
      /warning: upstream: there is none in use: mail is taken and waits until its lifetime ends/,
    )
    assert.match(inkpost(otherData, {}, 'apply', empty).stdout, /^Nothing changed\.\n/)
  })
})
