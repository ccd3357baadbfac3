// Plays a channel of the meeting from any moment of the meeting clock. The server offers the audio up to an end; when
// the meeting has grown beyond it, the same channel is loaded again with the new end.

export const STEP_BACK_MS = 1500;

export class Player extends EventTarget {
  readonly audio: HTMLAudioElement;
  #base: string;
  #ends: Record<string, number>;
  #channel: string;
  #wantedMs: number | null = null;
  #loaded: { channel: string; endMs: number } | null = null;
  #stopMs: number | null = null;
  #starved = false;
  #loop: { from: number; to: number } | null = null;

  constructor(audio: HTMLAudioElement, base: string, channel: string, ends: Record<string, number>) {
    super();
    this.audio = audio;
    this.#base = base;
    this.#ends = ends;
    this.#channel = channel;
    for (const type of ["play", "playing", "pause", "timeupdate", "seeked", "waiting", "ratechange"]) {
      audio.addEventListener(type, () => this.#tell());
    }
    audio.addEventListener("loadedmetadata", () => this.#arrive());
    audio.addEventListener("ended", () => this.#goOn());
    audio.addEventListener("error", () => this.#fail());
  }

  get channel(): string {
    return this.#channel;
  }

  get endMs(): number {
    return this.#ends[this.#channel] ?? 0;
  }

  get playing(): boolean {
    return !this.audio.paused || this.#starved;
  }

  get positionMs(): number {
    return this.#wantedMs ?? Math.round(this.audio.currentTime * 1000);
  }

  get looping(): boolean {
    return this.#loop !== null;
  }

  get rate(): number {
    return this.audio.playbackRate;
  }

  set rate(rate: number) {
    this.audio.defaultPlaybackRate = this.audio.playbackRate = Math.min(2, Math.max(0.5, Math.round(rate * 4) / 4));
  }

  set ends(ends: Record<string, number>) {
    this.#ends = ends;
    if (this.#starved) this.#goOn();
    this.#tell();
  }

  // Load without playing, so that the first click is a seek and not a request for a header.
  prepare(): void {
    if (this.endMs) this.go(this.positionMs, { play: false });
  }

  listenTo(channel: string): void {
    const playing = this.playing;
    const at = this.positionMs;
    this.#channel = channel;
    this.go(at, { play: playing });
  }

  toggle(): void {
    if (this.playing) this.pause();
    else this.go(Math.max(0, this.positionMs - STEP_BACK_MS));
  }

  pause(): void {
    this.#starved = false;
    this.audio.pause();
    this.#tell();
  }

  loop(span: { from: number; to: number } | null): void {
    this.#loop = span;
    if (span) this.go(span.from);
    this.#tell();
  }

  go(toMs: number, { play = true, untilMs = null }: { play?: boolean; untilMs?: number | null } = {}): void {
    if (!this.endMs) return;
    const atMs = Math.max(0, Math.min(toMs, this.endMs));
    if (this.#loop && (atMs < this.#loop.from || atMs >= this.#loop.to)) this.#loop = null;
    this.#stopMs = untilMs;
    this.#starved = false;
    this.#wantedMs = atMs;
    if (this.#loaded?.channel !== this.#channel || atMs >= this.#loaded.endMs) {
      const { rate } = this;
      this.#loaded = { channel: this.#channel, endMs: this.endMs };
      this.audio.preload = "auto";
      this.audio.src = `${this.#base}/${encodeURIComponent(this.#channel)}/${this.endMs}.wav`;
      this.rate = rate;
    } else if (this.audio.readyState >= HTMLMediaElement.HAVE_METADATA) {
      this.#arrive();
    }
    // A newer request interrupts an older one: that promise then fails, and says nothing new.
    if (play) this.audio.play().catch(() => this.#tell());
    else this.audio.pause();
    this.#tell();
  }

  // Called for each picture while playing: stops where a moment ends, and goes round in a loop.
  check(): void {
    if (this.#wantedMs !== null) return;
    if (this.#loop && this.positionMs >= this.#loop.to) this.go(this.#loop.from);
    if (this.#stopMs === null || this.positionMs < this.#stopMs) return;
    this.audio.currentTime = this.#stopMs / 1000;
    this.#stopMs = null;
    this.pause();
  }

  #arrive(): void {
    if (this.#wantedMs === null) return;
    this.audio.currentTime = this.#wantedMs / 1000;
    this.#wantedMs = null;
  }

  #goOn(): void {
    if (this.#loaded && this.endMs > this.#loaded.endMs) this.go(this.#loaded.endMs);
    else this.#starved = true;
    this.#tell();
  }

  #fail(): void {
    this.#loaded = null;
    this.#starved = false;
    this.dispatchEvent(new Event("fault"));
    this.#tell();
  }

  #tell(): void {
    this.check(); // pictures stop in a hidden tab, the sound does not
    this.dispatchEvent(new Event("change"));
  }
}
