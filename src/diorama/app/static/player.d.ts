// the server joins the player's files into one module of this name
export { mount } from "../../player/player.js";
export type { Player } from "../../player/player.js";
