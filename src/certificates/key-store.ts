/** Where private keys rest, with their certificates and what is under way with them, as text under a name. */
export interface KeyStore {
  load(name: string):
    | { readonly kind: 'found'; readonly pem: string }
    | { readonly kind: 'absent' }
    /** The vault's key is lost: nothing can be read or kept. */
    | { readonly kind: 'locked' }
    | { readonly kind: 'damaged' }
  /** False if nothing was kept because the vault is locked. */
  save(name: string, pem: string): boolean
  /** Keeps several, all or none. */
  saveAll(texts: Readonly<Record<string, string>>): boolean
}
