import type { FleetReason } from '../../core/fleet.ts'

interface ReasonWords {
  /** Within a sentence. */
  readonly sentence: string
  readonly remedy: string
}

const tellThem = 'Head office sees it in the status of this box; nothing is to be done here.'

const words: Readonly<Record<FleetReason, ReasonWords>> = {
  unreadable: {
    sentence: 'it is no bundle that this release can read',
    remedy: 'Update the box, or sign anew with `inkpost fleet sign`.',
  },
  'wrong-key': {
    sentence: 'no key that this box trusts signed it',
    remedy:
      'Compare `fleet.public_keys` with what `inkpost fleet keys` printed at head office. If it is another, somebody else holds the server.',
  },
  tampered: {
    sentence: 'its signature does not fit: somebody changed it after it was signed',
    remedy: 'Look at the server behind `fleet.url`, then sign and publish anew.',
  },
  older: {
    sentence: 'it is older than what this box has taken',
    remedy: 'Older settings come back under a higher serial: sign them again.',
  },
  'wrong-box': {
    sentence: 'it is for another box',
    remedy: 'The name of the file in `boxes/`, `gateway.name` and the file at the server have to agree.',
  },
  'not-listed': {
    sentence: 'there is nothing for a box of this name in it',
    remedy: 'Put `boxes/NAME.toml` into the folder, or compare `gateway.name`; then sign anew.',
  },
  'too-large': {
    sentence: 'it is larger than any bundle',
    remedy: 'Look at what `fleet.url` really serves.',
  },
  sealed: {
    sentence: 'a secret in it can not be opened here',
    remedy: 'Seal it anew for what `inkpost fleet identity` prints on this box.',
  },
  rules: {
    sentence: 'it does not fit this box',
    remedy: 'Put right what it names, at head office or here; it is tried again with every look.',
  },
  'shut-out': {
    sentence: 'it would shut out this site',
    remedy:
      'Put right what it names, at head office: `"attached"` stands for the networks in which each box is. It is tried again with every look.',
  },
  'vault-locked': { sentence: 'the vault is locked', remedy: 'Put the right vault.key back.' },
  listener: { sentence: 'a listener could not be opened', remedy: tellThem },
  'cannot-send': { sentence: 'a way out that could send can not any more', remedy: tellThem },
  'cut-off': {
    sentence: 'head office could not be reached any more',
    remedy:
      'Compare `gateway.proxy` in the bundle with what this box needs: `[gateway]` is a bundle’s as a whole.',
  },
}

export const reasonWords = (reason: FleetReason): ReasonWords => words[reason]
