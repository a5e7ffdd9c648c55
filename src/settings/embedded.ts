import { mintAccount, type RandomInt } from './mint.ts'

export const exampleDevice = 'Example printer'

/**
 * The document with which a checkout starts: everything goes to the outbox, and one printer may sign in from this
 * machine. It is bound to no address, so its password is of the long kind.
 */
export function embeddedDocument(random: RandomInt): string {
  const { username, password } = mintAccount({ isBound: false, taken: new Set() }, random)
  return `schema = 1

[[device]]
name = "${exampleDevice}"
username = "${username}"
password = "${password}"

[[upstream]]
name = "outbox"
kind = "outbox"
`
}
