const mostAddresses = 4096

/**
 * Addresses whose device overlooked `250-AUTH LOGIN PLAIN`: it went on to MAIL and was told to sign in. Clients of the
 * age of Outlook Express 4 look for `250-AUTH=LOGIN`, a draft's form of RFC 4954; from then on they find both, and
 * when one has signed in so, its device does after a restart too. Others never see the old form.
 */
export class AuthAnnouncements {
  readonly #overlooked = new Set<string>()

  overlooked(address: string): void {
    this.#overlooked.delete(address)
    this.#overlooked.add(address)
    const [oldest] = this.#overlooked
    if (this.#overlooked.size > mostAddresses && oldest !== undefined) this.#overlooked.delete(oldest)
  }

  isOld(address: string): boolean {
    return this.#overlooked.has(address)
  }
}
