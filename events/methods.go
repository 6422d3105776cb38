package events

// encoding/json goes by these methods, so that it keeps what Object holds.

// MarshalJSON returns a as [Marshal] does.
func (a Account) MarshalJSON() ([]byte, error) { return Marshal(a) }

// UnmarshalJSON reads a as [Unmarshal] does.
func (a *Account) UnmarshalJSON(text []byte) error { return Unmarshal(text, a) }

// MarshalJSON returns c as [Marshal] does.
func (c Contact) MarshalJSON() ([]byte, error) { return Marshal(c) }

// UnmarshalJSON reads c as [Unmarshal] does.
func (c *Contact) UnmarshalJSON(text []byte) error { return Unmarshal(text, c) }

// MarshalJSON returns c as [Marshal] does.
func (c ContactCreated) MarshalJSON() ([]byte, error) { return Marshal(c) }

// UnmarshalJSON reads c as [Unmarshal] does.
func (c *ContactCreated) UnmarshalJSON(text []byte) error { return Unmarshal(text, c) }

// MarshalJSON returns t as [Marshal] does.
func (t Tag) MarshalJSON() ([]byte, error) { return Marshal(t) }

// UnmarshalJSON reads t as [Unmarshal] does.
func (t *Tag) UnmarshalJSON(text []byte) error { return Unmarshal(text, t) }

// MarshalJSON returns t as [Marshal] does.
func (t TagAdded) MarshalJSON() ([]byte, error) { return Marshal(t) }

// UnmarshalJSON reads t as [Unmarshal] does.
func (t *TagAdded) UnmarshalJSON(text []byte) error { return Unmarshal(text, t) }

// MarshalJSON returns t as [Marshal] does.
func (t TagRemoved) MarshalJSON() ([]byte, error) { return Marshal(t) }

// UnmarshalJSON reads t as [Unmarshal] does.
func (t *TagRemoved) UnmarshalJSON(text []byte) error { return Unmarshal(text, t) }

// MarshalJSON returns f as [Marshal] does.
func (f Funnel) MarshalJSON() ([]byte, error) { return Marshal(f) }

// UnmarshalJSON reads f as [Unmarshal] does.
func (f *Funnel) UnmarshalJSON(text []byte) error { return Unmarshal(text, f) }

// MarshalJSON returns f as [Marshal] does.
func (f FunnelStep) MarshalJSON() ([]byte, error) { return Marshal(f) }

// UnmarshalJSON reads f as [Unmarshal] does.
func (f *FunnelStep) UnmarshalJSON(text []byte) error { return Unmarshal(text, f) }

// MarshalJSON returns b as [Marshal] does.
func (b Blog) MarshalJSON() ([]byte, error) { return Marshal(b) }

// UnmarshalJSON reads b as [Unmarshal] does.
func (b *Blog) UnmarshalJSON(text []byte) error { return Unmarshal(text, b) }

// MarshalJSON returns p as [Marshal] does.
func (p PageModel) MarshalJSON() ([]byte, error) { return Marshal(p) }

// UnmarshalJSON reads p as [Unmarshal] does.
func (p *PageModel) UnmarshalJSON(text []byte) error { return Unmarshal(text, p) }

// MarshalJSON returns o as [Marshal] does.
func (o OptinCompleted) MarshalJSON() ([]byte, error) { return Marshal(o) }

// UnmarshalJSON reads o as [Unmarshal] does.
func (o *OptinCompleted) UnmarshalJSON(text []byte) error { return Unmarshal(text, o) }

// MarshalJSON returns p as [Marshal] does.
func (p PageVisited) MarshalJSON() ([]byte, error) { return Marshal(p) }

// UnmarshalJSON reads p as [Unmarshal] does.
func (p *PageVisited) UnmarshalJSON(text []byte) error { return Unmarshal(text, p) }

// MarshalJSON returns w as [Marshal] does.
func (w Webinar) MarshalJSON() ([]byte, error) { return Marshal(w) }

// UnmarshalJSON reads w as [Unmarshal] does.
func (w *Webinar) UnmarshalJSON(text []byte) error { return Unmarshal(text, w) }

// MarshalJSON returns w as [Marshal] does.
func (w WebinarRegistered) MarshalJSON() ([]byte, error) { return Marshal(w) }

// UnmarshalJSON reads w as [Unmarshal] does.
func (w *WebinarRegistered) UnmarshalJSON(text []byte) error { return Unmarshal(text, w) }

// MarshalJSON returns c as [Marshal] does.
func (c Campaign) MarshalJSON() ([]byte, error) { return Marshal(c) }

// UnmarshalJSON reads c as [Unmarshal] does.
func (c *Campaign) UnmarshalJSON(text []byte) error { return Unmarshal(text, c) }

// MarshalJSON returns c as [Marshal] does.
func (c CampaignFinished) MarshalJSON() ([]byte, error) { return Marshal(c) }

// UnmarshalJSON reads c as [Unmarshal] does.
func (c *CampaignFinished) UnmarshalJSON(text []byte) error { return Unmarshal(text, c) }

// MarshalJSON returns s as [Marshal] does.
func (s SentEmail) MarshalJSON() ([]byte, error) { return Marshal(s) }

// UnmarshalJSON reads s as [Unmarshal] does.
func (s *SentEmail) UnmarshalJSON(text []byte) error { return Unmarshal(text, s) }

// MarshalJSON returns e as [Marshal] does.
func (e EmailOpened) MarshalJSON() ([]byte, error) { return Marshal(e) }

// UnmarshalJSON reads e as [Unmarshal] does.
func (e *EmailOpened) UnmarshalJSON(text []byte) error { return Unmarshal(text, e) }

// MarshalJSON returns e as [Marshal] does.
func (e EmailLinkClicked) MarshalJSON() ([]byte, error) { return Marshal(e) }

// UnmarshalJSON reads e as [Unmarshal] does.
func (e *EmailLinkClicked) UnmarshalJSON(text []byte) error { return Unmarshal(text, e) }

// MarshalJSON returns c as [Marshal] does.
func (c Course) MarshalJSON() ([]byte, error) { return Marshal(c) }

// UnmarshalJSON reads c as [Unmarshal] does.
func (c *Course) UnmarshalJSON(text []byte) error { return Unmarshal(text, c) }

// MarshalJSON returns c as [Marshal] does.
func (c CourseEnrolled) MarshalJSON() ([]byte, error) { return Marshal(c) }

// UnmarshalJSON reads c as [Unmarshal] does.
func (c *CourseEnrolled) UnmarshalJSON(text []byte) error { return Unmarshal(text, c) }

// MarshalJSON returns c as [Marshal] does.
func (c CourseCompleted) MarshalJSON() ([]byte, error) { return Marshal(c) }

// UnmarshalJSON reads c as [Unmarshal] does.
func (c *CourseCompleted) UnmarshalJSON(text []byte) error { return Unmarshal(text, c) }

// MarshalJSON returns c as [Marshal] does.
func (c CourseModule) MarshalJSON() ([]byte, error) { return Marshal(c) }

// UnmarshalJSON reads c as [Unmarshal] does.
func (c *CourseModule) UnmarshalJSON(text []byte) error { return Unmarshal(text, c) }

// MarshalJSON returns l as [Marshal] does.
func (l Lesson) MarshalJSON() ([]byte, error) { return Marshal(l) }

// UnmarshalJSON reads l as [Unmarshal] does.
func (l *Lesson) UnmarshalJSON(text []byte) error { return Unmarshal(text, l) }

// MarshalJSON returns l as [Marshal] does.
func (l LessonCompleted) MarshalJSON() ([]byte, error) { return Marshal(l) }

// UnmarshalJSON reads l as [Unmarshal] does.
func (l *LessonCompleted) UnmarshalJSON(text []byte) error { return Unmarshal(text, l) }

// MarshalJSON returns c as [Marshal] does.
func (c CourseBundle) MarshalJSON() ([]byte, error) { return Marshal(c) }

// UnmarshalJSON reads c as [Unmarshal] does.
func (c *CourseBundle) UnmarshalJSON(text []byte) error { return Unmarshal(text, c) }

// MarshalJSON returns c as [Marshal] does.
func (c CourseBundleEnrolled) MarshalJSON() ([]byte, error) { return Marshal(c) }

// UnmarshalJSON reads c as [Unmarshal] does.
func (c *CourseBundleEnrolled) UnmarshalJSON(text []byte) error { return Unmarshal(text, c) }

// MarshalJSON returns s as [Marshal] does.
func (s SaleCompleted) MarshalJSON() ([]byte, error) { return Marshal(s) }

// UnmarshalJSON reads s as [Unmarshal] does.
func (s *SaleCompleted) UnmarshalJSON(text []byte) error { return Unmarshal(text, s) }

// MarshalJSON returns s as [Marshal] does.
func (s SaleCanceled) MarshalJSON() ([]byte, error) { return Marshal(s) }

// UnmarshalJSON reads s as [Unmarshal] does.
func (s *SaleCanceled) UnmarshalJSON(text []byte) error { return Unmarshal(text, s) }

// MarshalJSON returns c as [Marshal] does.
func (c Customer) MarshalJSON() ([]byte, error) { return Marshal(c) }

// UnmarshalJSON reads c as [Unmarshal] does.
func (c *Customer) UnmarshalJSON(text []byte) error { return Unmarshal(text, c) }

// MarshalJSON returns o as [Marshal] does.
func (o OfferPricePlan) MarshalJSON() ([]byte, error) { return Marshal(o) }

// UnmarshalJSON reads o as [Unmarshal] does.
func (o *OfferPricePlan) UnmarshalJSON(text []byte) error { return Unmarshal(text, o) }

// MarshalJSON returns o as [Marshal] does.
func (o Order) MarshalJSON() ([]byte, error) { return Marshal(o) }

// UnmarshalJSON reads o as [Unmarshal] does.
func (o *Order) UnmarshalJSON(text []byte) error { return Unmarshal(text, o) }

// MarshalJSON returns o as [Marshal] does.
func (o OrderItem) MarshalJSON() ([]byte, error) { return Marshal(o) }

// UnmarshalJSON reads o as [Unmarshal] does.
func (o *OrderItem) UnmarshalJSON(text []byte) error { return Unmarshal(text, o) }

// MarshalJSON returns r as [Marshal] does.
func (r Resource) MarshalJSON() ([]byte, error) { return Marshal(r) }

// UnmarshalJSON reads r as [Unmarshal] does.
func (r *Resource) UnmarshalJSON(text []byte) error { return Unmarshal(text, r) }

// MarshalJSON returns r as [Marshal] does.
func (r ResourceData) MarshalJSON() ([]byte, error) { return Marshal(r) }

// UnmarshalJSON reads r as [Unmarshal] does.
func (r *ResourceData) UnmarshalJSON(text []byte) error { return Unmarshal(text, r) }

// MarshalJSON returns s as [Marshal] does.
func (s Subscription) MarshalJSON() ([]byte, error) { return Marshal(s) }

// UnmarshalJSON reads s as [Unmarshal] does.
func (s *Subscription) UnmarshalJSON(text []byte) error { return Unmarshal(text, s) }

// MarshalJSON returns f as [Marshal] does.
func (f FailedPayment) MarshalJSON() ([]byte, error) { return Marshal(f) }

// UnmarshalJSON reads f as [Unmarshal] does.
func (f *FailedPayment) UnmarshalJSON(text []byte) error { return Unmarshal(text, f) }

// MarshalJSON returns s as [Marshal] does.
func (s SubscriptionPaymentFailed) MarshalJSON() ([]byte, error) { return Marshal(s) }

// UnmarshalJSON reads s as [Unmarshal] does.
func (s *SubscriptionPaymentFailed) UnmarshalJSON(text []byte) error { return Unmarshal(text, s) }

// MarshalJSON returns c as [Marshal] does.
func (c Community) MarshalJSON() ([]byte, error) { return Marshal(c) }

// UnmarshalJSON reads c as [Unmarshal] does.
func (c *Community) UnmarshalJSON(text []byte) error { return Unmarshal(text, c) }

// MarshalJSON returns c as [Marshal] does.
func (c CommunityJoined) MarshalJSON() ([]byte, error) { return Marshal(c) }

// UnmarshalJSON reads c as [Unmarshal] does.
func (c *CommunityJoined) UnmarshalJSON(text []byte) error { return Unmarshal(text, c) }

// MarshalJSON returns m as [Marshal] does.
func (m Meeting) MarshalJSON() ([]byte, error) { return Marshal(m) }

// UnmarshalJSON reads m as [Unmarshal] does.
func (m *Meeting) UnmarshalJSON(text []byte) error { return Unmarshal(text, m) }

// MarshalJSON returns m as [Marshal] does.
func (m MeetingHost) MarshalJSON() ([]byte, error) { return Marshal(m) }

// UnmarshalJSON reads m as [Unmarshal] does.
func (m *MeetingHost) UnmarshalJSON(text []byte) error { return Unmarshal(text, m) }

// MarshalJSON returns m as [Marshal] does.
func (m MeetingBooked) MarshalJSON() ([]byte, error) { return Marshal(m) }

// UnmarshalJSON reads m as [Unmarshal] does.
func (m *MeetingBooked) UnmarshalJSON(text []byte) error { return Unmarshal(text, m) }

// MarshalJSON returns s as [Marshal] does.
func (s SurveyResponseCompleted) MarshalJSON() ([]byte, error) { return Marshal(s) }

// UnmarshalJSON reads s as [Unmarshal] does.
func (s *SurveyResponseCompleted) UnmarshalJSON(text []byte) error { return Unmarshal(text, s) }

// MarshalJSON returns s as [Marshal] does.
func (s Survey) MarshalJSON() ([]byte, error) { return Marshal(s) }

// UnmarshalJSON reads s as [Unmarshal] does.
func (s *Survey) UnmarshalJSON(text []byte) error { return Unmarshal(text, s) }

// MarshalJSON returns s as [Marshal] does.
func (s SurveyRespondent) MarshalJSON() ([]byte, error) { return Marshal(s) }

// UnmarshalJSON reads s as [Unmarshal] does.
func (s *SurveyRespondent) UnmarshalJSON(text []byte) error { return Unmarshal(text, s) }

// MarshalJSON returns a as [Marshal] does.
func (a Answer) MarshalJSON() ([]byte, error) { return Marshal(a) }

// UnmarshalJSON reads a as [Unmarshal] does.
func (a *Answer) UnmarshalJSON(text []byte) error { return Unmarshal(text, a) }
