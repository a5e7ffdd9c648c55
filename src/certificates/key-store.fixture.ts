import type { KeyStore } from './key-store.ts'

/** A key store for tests: keeps everything until it is dropped. */
export function memoryStore(): KeyStore & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>()
  return {
    kept,
    load(name) {
      const pem = kept.get(name)
      return pem === undefined ? { kind: 'absent' } : { kind: 'found', pem }
    },
    save(name, pem) {
      kept.set(name, pem)
      return true
    },
    saveAll(texts) {
      for (const [name, text] of Object.entries(texts)) kept.set(name, text)
      return true
    },
  }
}
