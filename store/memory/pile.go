package memory

import "container/heap"

// pile is a heap of records that know their place in it, so that any can be taken out. A record is in at most one.
type pile struct {
	items []*record
	less  func(a, b *record) bool
}

func (p *pile) Len() int           { return len(p.items) }
func (p *pile) Less(i, j int) bool { return p.less(p.items[i], p.items[j]) }

func (p *pile) Swap(i, j int) {
	p.items[i], p.items[j] = p.items[j], p.items[i]
	p.items[i].pos, p.items[j].pos = i, j
}

// Push is for container/heap; use add.
func (p *pile) Push(x any) {
	r := x.(*record)
	r.pile, r.pos = p, len(p.items)
	p.items = append(p.items, r)
}

// Pop is for container/heap; use drop.
func (p *pile) Pop() any {
	last := len(p.items) - 1
	r := p.items[last]
	p.items[last], p.items = nil, p.items[:last]
	r.pile = nil
	return r
}

func (p *pile) first() *record { return p.items[0] }

// add puts r into p, out of wherever it is.
func (p *pile) add(r *record) {
	r.drop()
	heap.Push(p, r)
}

// drop takes r out of its pile, if it is in one.
func (r *record) drop() {
	if r.pile != nil {
		heap.Remove(r.pile, r.pos)
	}
}
