// Every word that the widget itself says; what the assistant says comes from the chat API.

declare const CONTACT: string; // the build puts the facts' telephone number and address here

export const TEXTS = {
  launcher: "Stel je vraag over de selectie",
  title: "Kandidaat-assistent",
  notice:
    "Ik ben een computerprogramma en beslis niets over kandidaten. Ons gesprek blijft op een server van de stad, tot jij het wist of de stad het opruimt.",
  privacy: "Privacy",
  log: "Gesprek met de assistent",
  you: "Jij",
  assistant: "Assistent",
  waiting: "De assistent schrijft …",
  slow: "Het duurt langer dan normaal. Ik wacht nog op een antwoord.",
  choices: "Voorstellen",
  input: "Je vraag",
  send: "Verstuur",
  minimise: "Verklein het gesprek",
  menu: "Meer",
  restart: "Opnieuw beginnen",
  erase: "Wis mijn gegevens",
  download: "Bewaar het gesprek",
  downloadFile: "gesprek-kandidaat-assistent.txt",
  erased: "Je gegevens van dit gesprek zijn gewist. Wat je liet doorgeven, blijft bij de stad.",
  notErased: "Het wissen is niet gelukt. Probeer het straks opnieuw.",
  retry: "Probeer opnieuw",
  offline: "Je bent offline. Je tekst blijft staan; verstuur hem opnieuw als je weer verbinding hebt.",
  expired: "Dit gesprek is afgelopen. Begin een nieuw gesprek; je tekst blijft staan.",
  limited: (seconds: number) =>
    `Je stuurt veel berichten na elkaar. Over ${seconds} seconden kan je weer verder; je tekst blijft staan.`,
  down: "De assistent is nu niet bereikbaar. Je tekst blijft staan. Is het dringend, dan helpt het selectieteam:",
  contact: CONTACT,
  faq: "Lees de veelgestelde vragen",
  left: (characters: number) => `Nog ${characters} tekens`,
  news: "De assistent heeft geantwoord.",
  newTab: "(opent in een nieuw tabblad)",
};

export type Texts = typeof TEXTS;
