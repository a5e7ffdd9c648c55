import type { Done } from './operations.ts'
import type { OperatorRole } from './setup.ts'
import type { WallMs } from './time.ts'

/** Who may come in: operators with their second factors, and tokens for scripts. */
export interface AccessOperations {
  operators(): Promise<readonly OperatorView[]>
  addOperator(name: string, role: string, password: string, who: string): Promise<Done>
  setOperatorPassword(name: string, password: string, who: string): Promise<Done>
  /** Refused where others would be left without an administrator; `keepsAdministrator`: also where nobody would. */
  removeOperator(name: string, who: string, wish?: { readonly keepsAdministrator?: boolean }): Promise<Done>
  /** For a lost phone: the password alone signs in, or a new second factor is asked for. */
  removeSecondFactor(operator: string, who: string): Promise<Done>
  /** Ends every operator, second factor, session and token; for who stands at the box. `code`: by which it is claimed. */
  resetBox(who: string): Promise<Done<{ readonly code: string }>>
  tokens(): Promise<readonly TokenView[]>
  /** `token` is shown this once. */
  addToken(wish: TokenWish, who: string): Promise<Done<{ readonly token: string; readonly id: string }>>
  removeToken(id: string, who: string): Promise<Done>
}

export interface OperatorView {
  readonly name: string
  readonly role: OperatorRole
  readonly hasSecondFactor: boolean
}

export interface TokenWish {
  readonly name: string
  readonly role: string
  /** Days until it ends; undefined: a year. */
  readonly days: number | undefined
  /** The operator who makes it: it ends with them and never may more than they. Undefined: made on the box itself. */
  readonly maker: string | undefined
}

/** A token as it is listed: nothing of it lets anyone in. */
export interface TokenView {
  readonly id: string
  readonly name: string
  readonly role: OperatorRole
  readonly maker: string | undefined
  readonly madeAt: WallMs
  readonly endsAt: WallMs
  /** To the hour; undefined: never. */
  readonly usedAt: WallMs | undefined
}
