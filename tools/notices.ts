// Which packages a build is made of, and the texts of their licences.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface BuiltPackage {
  /** Inside the checkout: `node_modules/ms`. */
  readonly folder: string
  readonly name: string
  readonly version: string
  /** An SPDX expression. */
  readonly licence: string
}

/** Every package that went into the bundle, and the two that run beside it. */
export function packagesIn(inputs: readonly string[]): readonly BuiltPackage[] {
  const folders = new Set(['node_modules/better-sqlite3'])
  for (const input of inputs) {
    const folder = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]
    if (folder) folders.add(folder)
  }
  // Named without its architecture: a package for the other one is made of the same notices.
  const runtime = { ...packageAt(`node_modules/node-linux-${process.arch}`), name: 'node' }
  return [...[...folders].sort().map(packageAt), runtime]
}

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license?: string
  readonly author?: string | { readonly name: string }
}

const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest

function packageAt(folder: string): BuiltPackage {
  const { name, version, license } = manifestOf(folder)
  if (license === undefined) throw new Error(`${folder}/package.json names no licence`)
  return { folder, name, version, licence: license }
}

export const noticesOf = (packages: readonly BuiltPackage[]): string =>
  packages
    .map((one) => `${one.name} ${one.version} (${one.licence})\n\n${licenceText(one)}\n`)
    .join(`\n${'-'.repeat(78)}\n\n`)

function licenceText({ folder, licence }: BuiltPackage): string {
  const file = readdirSync(folder).find((name) => /^licen[cs]e(-mit)?(\.(md|txt))?$/i.test(name))
  if (file !== undefined) return readFileSync(join(folder, file), 'utf8')
  if (licence === 'MIT') return mit(manifestOf(folder))
  throw new Error(`${folder} has no text of its licence (${licence}): it can't be handed on`)
}

/** A package that names its licence and leaves the text out: the text of the Open Source Initiative, with its author. */
const mit = ({ author, name }: Manifest): string => `MIT License

Copyright (c) ${typeof author === 'string' ? author : (author?.name ?? `the authors of ${name}`)}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`
