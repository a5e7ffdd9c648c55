import type { update as source } from '../en/update.ts'
import type { Translation } from '../words.ts'

export const update: Translation<typeof source> = {
  'update.now': 'Adesso',
  'update.runs': 'Questo box usa',
  'update.other': 'Si può tornare a',
  'update.as-written': 'come la scheda è stata scritta',
  'update.half': 'niente',
  'update.window': 'Finestra',
  'update.opens': '{window}, la prossima {time}',
  'update.index': 'Consulta',
  'update.index-none': 'nessuno: update.url non è impostato',
  'update.looked': 'Ultima consultazione',
  'update.looked-newest': '{time}: la più recente è {version}',
  'update.not-ours':
    'Su questa macchina gli aggiornamenti non si fanno qui: chi se ne occupa aggiorna i suoi pacchetti.',
  'update.state': 'Aggiornamento',
  'update.fetching': 'Un pacchetto di aggiornamento è in arrivo.',
  'update.verified':
    'La versione {version} è verificata e può essere installata. La finestra si apre: {time}.',
  'update.waiting': 'La versione {version} aspetta la sua finestra: {time}.',
  'update.at-once': 'La versione {version} comincia subito.',
  'update.installing': 'La versione {version} viene installata. La posta intanto prosegue.',
  'update.restart-due': 'La versione {version} è installata. Il box si riavvia con essa: {time}.',
  'update.on-trial':
    'La versione {version} è in prova. Resta se per tre minuti tutto ha funzionato; altrimenti torna la precedente.',
  'update.on-trial-not':
    'Non è ancora in ordine. Se resta così, la versione precedente torna al più tardi dopo 15 minuti.',
  'update.kept': 'L’aggiornamento a {version} è riuscito ({time}).',
  'update.rolled-back':
    'L’aggiornamento a {version} non è riuscito: {reason} Questo box usa di nuovo {running}, niente è andato perso.',
  'update.did-not-start': 'Non si è avviata.',
  'update.not-healthy': 'Si è avviata e non era in ordine in tempo.',
  'update.taken-back': 'È stata ritirata.',
  'update.failed': 'Un aggiornamento non è andato a buon fine ({time}). Niente è cambiato.',
  'update.percent': '{percent} %',
  'update.in-window': 'Installa nella finestra',
  'update.install-now': 'Installa adesso',
  'update.restart-now': 'Riavvia adesso',
  'update.ordered': 'È in corso.',
  'update.cancel': 'Rinuncia',
  'update.cancelled': 'Rinunciato.',
  'update.get': 'Ottieni un aggiornamento',
  'update.get-line':
    'Un pacchetto è un file il cui nome finisce con .raucb. Viene verificato prima di installare qualcosa, e la posta resta.',
  'update.fetch': 'Scarica {version}',
  'update.check': 'Consulta adesso',
  'update.checked': 'La versione più recente è {version}.',
  'update.file': 'Pacchetto',
  'update.upload': 'Invia',
  'update.sent': '{percent} % inviato. Resti su questa pagina.',
  'update.from-url': 'Indirizzo di un pacchetto (https)',
  'update.fetch-url': 'Scarica',
  'update.sticks': 'Da una chiavetta USB',
  'update.sticks-none': 'Nessuna chiavetta con un pacchetto è inserita.',
  'update.sticks-look': 'Guarda le chiavette',
  'update.take': 'Prendi',
  'update.back': 'La versione precedente',
  'update.back-line': 'Il box può tornare al sistema precedente. Posta e impostazioni restano.',
  'update.back-do': 'Torna a {version}',
  'update.back-other': 'Torna indietro',
  'update.back-done': 'Il box si riavvia con la versione precedente.',
  'update.available': 'La versione {version} è disponibile. Questo box usa {running}.',
  'update.receiving': 'Un pacchetto viene inviato a questo box.',
  'update.resume':
    'Se si è interrotto: scelga di nuovo lo stesso file e l’invio riprende da dove era arrivato.',
  'update.restarts':
    'Il box si riavvia ora con la versione {version}. Questa pagina torna fra circa un minuto; le stampanti riprovano.',
  'update.restart-hint':
    'Dopo l’installazione il box si riavvia, per circa un minuto. Le stampanti riprovano, nessun messaggio va perso.',
  'update.rolled-back-next':
    'Non viene reinstallata da sola. Avvisi chi pubblica gli aggiornamenti e attenda la versione successiva.',
  'update.taken-back-next': 'Qualcuno è tornato indietro. Non viene reinstallata da sola.',
  'update.failed-next': 'Lo scarichi di nuovo qui sotto, oppure prenda un altro pacchetto.',
  'update.from-file': 'Da questo telefono o computer',
  'update.by-url': 'Da un indirizzo',
  'update.back-hint':
    'Il box si riavvia, per circa un minuto. La versione che lascia non viene reinstallata da sola.',
}
