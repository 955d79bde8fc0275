/** How a person is called and reached. */
export interface Contact {
  name?: string | undefined;
  email?: string | undefined;
  phone?: string | undefined;
}

const FIELDS = ['name', 'email', 'phone'] as const satisfies (keyof Contact)[];

/** What is known, without what is not. */
export function contactOf(person: { [K in keyof Contact]?: string | null | undefined }): Contact {
  return picked((field) => person[field] ?? undefined);
}

/** What of `said` was not said before. */
export function newsOf(said: Contact, before: Contact): Contact {
  return picked((field) => (said[field] === before[field] ? undefined : said[field]));
}

function picked(valueOf: (field: keyof Contact) => string | undefined): Contact {
  const contact: Contact = {};
  for (const field of FIELDS) {
    const value = valueOf(field);
    if (value !== undefined) contact[field] = value;
  }
  return contact;
}
