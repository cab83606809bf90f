"""What an accessibility checker looks for, on public pages and on those of staff.

Left to the browser and to Django's own widgets: the size of an admin's tick, and of the
buttons between two lists, which stand alone (WCAG 2.2, 2.5.8).
"""

# Each gives the elements that are wrong.
UNNAMED = """() => {
    const said = e => e.textContent + [...e.querySelectorAll('[alt], [title]')]
        .map(part => part.getAttribute('alt') || part.title).join('');
    return [...document.querySelectorAll(
        'input:not([type=hidden]), select, textarea, button, a')].filter(e => {
        if (e.closest('[aria-hidden=true]') || !e.getClientRects().length) return false;
        const own = ['aria-label', 'title', 'placeholder'].map(n => e.getAttribute(n));
        if (['submit', 'button'].includes(e.type)) own.push(e.value);
        return ![...(e.labels || []), e].map(said).concat(own).join('').trim();
    }).map(e => e.outerHTML);
}"""
DANGLING = """() => [...document.querySelectorAll(
    '[aria-describedby], [aria-labelledby]')]
    .filter(e => !e.closest('.empty-form'))
    .flatMap(e => `${e.getAttribute('aria-describedby') || ''} ` +
        (e.getAttribute('aria-labelledby') || ''))
    .flatMap(ids => ids.split(' ')).filter(id => id && !document.getElementById(id))"""
TWICE = """() => {
    const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
    return ids.filter((id, n) => ids.indexOf(id) !== n);
}"""
HEADINGS = """() => {
    const levels = [...document.querySelectorAll('h1, h2, h3, h4')]
        .map(h => Number(h.tagName[1]));
    const jumps = levels.filter((level, n) => n && level > levels[n - 1] + 1);
    return levels.filter(level => level === 1).length === 1 ? jumps : ['h1'];
}"""
SMALL = """() => [...document.querySelectorAll(
    'button, select, input:not([type=hidden])')]
    .filter(e => !e.closest('[aria-hidden=true], .selector'))
    .filter(e => e.getClientRects().length)
    .filter(e => !(e.closest('#container') && /checkbox|radio/.test(e.type)))
    .filter(e => e.getBoundingClientRect().height < 24).map(e => e.outerHTML)"""
PALE = """() => {
    const light = c => { const [r, g, b] = c.match(/[\\d.]+/g).slice(0, 3).map(v => {
        v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    const under = e => { for (; e; e = e.parentElement) {
        const c = getComputedStyle(e).backgroundColor;
        if (!/, 0\\)$|transparent/.test(c)) return c; } return 'rgb(255, 255, 255)'; };
    return [...document.querySelectorAll('body *')].filter(e =>
        [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) &&
        e.getClientRects().length && !e.closest('[aria-hidden=true]')).filter(e => {
        const [a, b] = [light(getComputedStyle(e).color), light(under(e))];
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5;
    }).map(e => e.outerHTML.slice(0, 200));
}"""
RULES = {
    "without a name": UNNAMED,
    "described by what is not there": DANGLING,
    "an id twice": TWICE,
    "headings out of order": HEADINGS,
    "too small to hit": SMALL,
    "too pale to read": PALE,
}


def problems(tab):
    return {
        what: found for what, rule in RULES.items() if (found := tab.evaluate(rule))
    }
