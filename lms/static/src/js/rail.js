/* Below a desk's width the rail is one strip: the page she is on comes into sight. */

const nav = document.querySelector(".rail-nav");
const here = nav?.querySelector("[aria-current]");
if (here) nav.scrollLeft = here.offsetLeft - (nav.clientWidth - here.offsetWidth) / 2;
