import type { Page } from 'playwright-core';

/** What one page is, as far as everybody should be able to read and use it. */
export interface PageFindings {
  readonly language: string;
  readonly mainHeadings: string[];
  readonly mains: number;
  /** Levels that were left out: a heading 3 under a heading 1. */
  readonly skippedHeadings: string[];
  /** Inputs that no label names, and links and buttons without words. */
  readonly unnamed: string[];
  readonly repeatedIds: string[];
  /** Texts whose contrast is below WCAG AA (4.5, or 3 where they are large). */
  readonly faint: string[];
}

/** Runs inside the page, so it is text here: this program is checked without a browser's types. */
const PROBE = `(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const words = (element) => (element.getAttribute('aria-label') ?? element.textContent).trim();
  const visible = (element) => element.checkVisibility({ visibilityProperty: true });
  const levels = all('h1,h2,h3,h4,h5,h6').filter(visible).map((heading) => Number(heading.tagName[1]));
  const ids = all('[id]').map((element) => element.id);

  const numbers = (color) => (color.match(/[\\d.]+/g) ?? []).map(Number);
  const luminance = (color) => {
    const [red, green, blue] = numbers(color).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ground = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      const [, , , opacity = 1] = numbers(color);
      if (opacity > 0) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  const isFaint = (element) => {
    const style = getComputedStyle(element);
    const [dark, light] = [luminance(style.color), luminance(ground(element))].sort((a, b) => a - b);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    return (light + 0.05) / (dark + 0.05) < (large ? 3 : 4.5);
  };
  const texts = all('body *').filter((element) =>
    visible(element) && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== ''));

  return {
    language: document.documentElement.lang,
    mainHeadings: all('h1').filter(visible).map(words),
    mains: all('main').length,
    skippedHeadings: levels.flatMap((level, index) =>
      level > (levels[index - 1] ?? 0) + 1 ? ['h' + level] : []),
    unnamed: [
      ...all('input:not([type=hidden]),select,textarea').filter((input) =>
        ![...input.labels].some((label) => words(label) !== '')),
      ...all('a,button').filter((element) => words(element) === ''),
    ].map((element) => element.outerHTML),
    repeatedIds: ids.filter((id, index) => ids.indexOf(id) !== index),
    faint: texts.filter(isFaint).map((element) => element.outerHTML),
  };
})()`;

const SIDEWAYS = `document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth`;

export function findingsOf(page: Page): Promise<PageFindings> {
  return page.evaluate<PageFindings>(PROBE);
}

/** How far the page can be scrolled sideways, in CSS pixels. */
export function sidewaysOf(page: Page): Promise<number> {
  return page.evaluate<number>(SIDEWAYS);
}
