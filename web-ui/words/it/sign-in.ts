import type { signIn as source } from '../en/sign-in.ts'
import type { Translation } from '../words.ts'

export const signIn: Translation<typeof source> = {
  'sign-in.title': 'Accesso a {box}',
  'sign-in.name': 'Nome',
  'sign-in.password': 'Password',
  'sign-in.go': 'Accedi',
  'sign-in.out': 'Esci',
  'sign-in.lost': 'Password o telefono persi?',
  'sign-in.lost-cure':
    'Un altro amministratore può impostare una nuova password. Se non c’è, può farlo chi sta davanti al box: etichetta e manuale dicono come.',
  'code.title': 'Ancora un passo',
  'code.code': 'Codice dell’app',
  'code.hint': 'Sei cifre dall’app sul telefono, o uno dei codici di riserva.',
  'code.go': 'Continua',
  'enrol.title': 'Preparare il secondo passo',
  'enrol.explain':
    'Questo box vuole un codice di un’app oltre alla password. Inquadrare questo con un’app di autenticazione, poi scrivere il codice che mostra.',
  'enrol.qr': 'Codice QR per l’app di autenticazione',
  'enrol.here': 'L’app è su questo telefono: aprirla',
  'enrol.by-hand': 'Oppure scrivere questo nell’app:',
  'enrol.codes': 'Conservare questi codici',
  'enrol.codes-explain':
    'Ognuno fa entrare una volta, se il telefono va perso. Non saranno mostrati di nuovo.',
  'enrol.codes-kept': 'Li ho conservati',
  'pass.title': 'Permesso giornaliero per {box}',
  'pass.explain':
    'Questo link permette di lavorare a questo box per una giornata. Vale una volta, su questo telefono.',
  'pass.go': 'Comincia',
  'recovery.title': 'Codice di recupero',
  'recovery.explain':
    'Ogni notte il box conserva una copia sigillata di sé. Questo codice la apre, e nient’altro. Scriverlo e tenerlo lontano dal box: non sarà mostrato di nuovo.',
  'recovery.part': 'Gli ultimi due gruppi',
  'recovery.part-hint': 'Leggerli da ciò che è stato scritto.',
  'recovery.confirm': 'L’ho scritto',
  'recovery.confirmed': 'Il codice di recupero è confermato.',
  'language.choose': 'Lingua',
  'claim.title': 'Questo box è nuovo',
  'claim.explain':
    'Creare il primo accesso. Il codice di presa in carico mostra che siete davanti al box: è sull’etichetta e sul suo schermo.',
  'claim.code': 'Codice di presa in carico',
  'claim.name': 'Il suo nome',
  'claim.password': 'Nuova password',
  'claim.password-hint': 'Almeno 10 caratteri. Lunga è meglio che complicata.',
  'claim.go': 'Prendi in carico',
}
