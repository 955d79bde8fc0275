/** Scalars by name, as the API takes and gives them. */
export type Metadata = Record<string, string | number | boolean>;

/** A list inside another object, or one page of a collection. */
export interface List<T> {
  object: 'list';
  has_more: boolean;
  total?: number;
  next_page_url?: string | null;
  previous_page_url?: string | null;
  data: T[];
}
